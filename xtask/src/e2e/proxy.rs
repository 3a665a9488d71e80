//! A forwarder between agent and server: counts bytes, and can hold an upload in the middle.

use anyhow::{Context, Result};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// What the threads of the forwarder share.
#[derive(Default)]
struct State {
    /// Bytes from agent to server so far.
    upward: AtomicU64,
    /// Hold everything from the agent once `upward` has passed this; `u64::MAX`: never.
    hold_after: AtomicU64,
    holding: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

/// A forwarder from a port of its own to the server.
pub(crate) struct Proxy {
    /// Where agents connect to.
    pub(crate) port: u16,
    state: Arc<State>,
}

impl Proxy {
    /// Forwards to `server_port` until this process ends.
    pub(crate) fn start(server_port: u16) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("could not open the forwarder's port")?;
        let port = listener.local_addr()?.port();
        let state = Arc::new(State { hold_after: AtomicU64::new(u64::MAX), ..State::default() });
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for agent in listener.incoming().filter_map(Result::ok) {
                if let Err(error) = forward(agent, server_port, &shared) {
                    eprintln!("forwarder: {error}");
                }
            }
        });
        Ok(Self { port, state })
    }

    /// Bytes that agents have sent so far, TLS included.
    pub(crate) fn upward(&self) -> u64 {
        self.state.upward.load(Ordering::SeqCst)
    }

    /// From now on lets `bytes` more through and then nothing from the agent.
    pub(crate) fn hold_after(&self, bytes: u64) {
        self.state.hold_after.store(self.upward() + bytes, Ordering::SeqCst);
    }

    /// Whether something is being held.
    pub(crate) fn holds(&self) -> bool {
        self.state.holding.load(Ordering::SeqCst)
    }

    /// Cuts every connection, and lets new ones through again.
    pub(crate) fn cut(&self) {
        self.state.hold_after.store(u64::MAX, Ordering::SeqCst);
        self.state.holding.store(false, Ordering::SeqCst);
        let open = self.state.open.lock().map(|mut open| std::mem::take(&mut *open)).unwrap_or_default();
        for socket in open {
            // A socket that is closed already is as good.
            let _closed = socket.shutdown(Shutdown::Both);
        }
    }
}

fn forward(agent: TcpStream, server_port: u16, state: &Arc<State>) -> std::io::Result<()> {
    let Ok(server) = TcpStream::connect(("127.0.0.1", server_port)) else {
        // The server is down: the agent sees a closed connection, as it would without us.
        return agent.shutdown(Shutdown::Both);
    };
    if let Ok(mut open) = state.open.lock() {
        open.extend([agent.try_clone()?, server.try_clone()?]);
    }
    let (from_agent, to_server, shared) = (agent.try_clone()?, server.try_clone()?, Arc::clone(state));
    std::thread::spawn(move || copy(from_agent, to_server, Some(&shared)));
    std::thread::spawn(move || copy(server, agent, None));
    Ok(())
}

fn copy(mut from: TcpStream, mut to: TcpStream, counted: Option<&State>) {
    let mut buffer = [0; 1024];
    while let Ok(count) = from.read(&mut buffer) {
        if count == 0 {
            break;
        }
        if let Some(state) = counted {
            let upward = state.upward.fetch_add(count as u64, Ordering::SeqCst) + count as u64;
            while upward > state.hold_after.load(Ordering::SeqCst) {
                state.holding.store(true, Ordering::SeqCst);
                std::thread::park_timeout(std::time::Duration::from_millis(20));
            }
        }
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    // Either side may be gone already.
    let _closed = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
