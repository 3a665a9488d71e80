//! Server-sent events, as far as the API uses them (WHATWG HTML, "Server-sent events").

/// Most bytes of one event: a run's counters take a few hundred.
const EVENT_LIMIT: usize = 256 * 1024;

/// Cuts a byte stream into the data of its events.
#[derive(Debug, Default)]
pub(super) struct EventReader {
    line: Vec<u8>,
    data: String,
}

impl EventReader {
    /// Takes more bytes and gives the data of the events they complete.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut complete = Vec::new();
        for &byte in bytes {
            if byte != b'\n' {
                // A line that never ends is dropped rather than kept in memory.
                if self.line.len() < EVENT_LIMIT {
                    self.line.push(byte);
                }
                continue;
            }
            let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).trim_end_matches('\r').to_owned();
            if line.is_empty() {
                if !self.data.is_empty() {
                    complete.push(std::mem::take(&mut self.data));
                }
            } else if let Some(data) = line.strip_prefix("data:")
                && self.data.len() + data.len() < EVENT_LIMIT
            {
                if !self.data.is_empty() {
                    self.data.push('\n');
                }
                self.data.push_str(data.strip_prefix(' ').unwrap_or(data));
            }
        }
        complete
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_whole_however_the_bytes_are_cut() {
        let stream = b": keep-alive\n\nevent: progress\ndata: {\"a\":1}\n\ndata: one\r\ndata: two\r\n\r\nid: 7\n\n";
        for size in 1..stream.len() {
            let mut reader = EventReader::default();
            let found: Vec<String> = stream.chunks(size).flat_map(|chunk| reader.feed(chunk)).collect();
            assert_eq!(found, ["{\"a\":1}", "one\ntwo"], "cut every {size} bytes");
        }
    }

    #[test]
    fn a_line_without_end_does_not_fill_the_memory() {
        let mut reader = EventReader::default();
        for _ in 0..100 {
            assert!(reader.feed(&[b'x'; 16 * 1024]).is_empty());
        }
        assert!(reader.line.len() <= EVENT_LIMIT);
    }
}
