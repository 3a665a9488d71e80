//! One scan: observe, offer the digest, upload when the server wants it.

use crate::agent::Agent;
use crate::chain;
use crate::link::LinkError;
use crate::platform::Observation;
use fettle_model::inventory::{Inventory, Volatile};
use fettle_protocol::codec::inventory_digest;
use fettle_protocol::message::{InventoryUpload, ScanReply, ScanReport};
use jiff::Timestamp;

impl Agent {
    /// Scans once and delivers the result, also when the result is that the machine could not be observed.
    pub(crate) async fn scan_once(&self) -> Result<(), LinkError> {
        let _machine = self.machine.lock().await;
        let observed = self.platform.observe().await;
        let scanned_at = self.clock.now();
        let Observation { inventory, volatile } = match observed {
            Ok(observation) => observation,
            Err(error) => return self.fail_scan(chain(&error), scanned_at).await,
        };
        match self.deliver(inventory, volatile, scanned_at).await {
            // The same machine would be refused again and again: the server's people have to know.
            Err(error) if error.is_about_the_body() => self.fail_scan(chain(&error), scanned_at).await,
            Err(error) => Err(error),
            Ok(()) => {
                self.note(|status| {
                    status.last_scan = Some(scanned_at);
                    status.scan_error = None;
                });
                Ok(())
            }
        }
    }

    async fn deliver(&self, inventory: Inventory, volatile: Volatile, scanned_at: Timestamp) -> Result<(), LinkError> {
        let digest = inventory_digest(&inventory).map_err(LinkError::Encode)?;
        let offer = ScanReport::V1 { digest, volatile: volatile.clone(), scanned_at };
        if self.link().scan(&offer).await? == ScanReply::SendInventory {
            self.link().inventory(&InventoryUpload::of(inventory, volatile, scanned_at)).await?;
        }
        Ok(())
    }

    async fn fail_scan(&self, reason: String, scanned_at: Timestamp) -> Result<(), LinkError> {
        tracing::error!(%reason, "the scan failed");
        self.link().scan(&ScanReport::FailedV1 { reason: reason.clone(), scanned_at }).await?;
        self.note(|status| status.scan_error = Some(reason));
        Ok(())
    }
}
