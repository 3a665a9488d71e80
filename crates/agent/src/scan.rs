//! One scan: observe, offer the digest, upload when the server wants it.

use crate::agent::Agent;
use crate::chain;
use crate::link::LinkError;
use crate::platform::Observation;
use fettle_protocol::codec::inventory_digest;
use fettle_protocol::message::{InventoryUpload, ScanReply, ScanReport};

impl Agent {
    /// Scans once and delivers the result, also when the result is that the machine could not be observed.
    pub(crate) async fn scan_once(&self) -> Result<(), LinkError> {
        let _machine = self.machine.lock().await;
        let observed = self.platform.observe().await;
        let scanned_at = self.clock.now();
        let Observation { inventory, volatile } = match observed {
            Ok(observation) => observation,
            Err(error) => {
                let reason = chain(&error);
                tracing::error!(%reason, "the machine could not be scanned");
                self.link().scan(&ScanReport::FailedV1 { reason: reason.clone(), scanned_at }).await?;
                self.note(|status| status.scan_error = Some(reason));
                return Ok(());
            }
        };
        let digest = inventory_digest(&inventory).map_err(LinkError::Encode)?;
        let offer = ScanReport::V1 { digest, volatile: volatile.clone(), scanned_at };
        if self.link().scan(&offer).await? == ScanReply::SendInventory {
            self.link().inventory(&InventoryUpload::V1 { inventory: Box::new(inventory), volatile, scanned_at }).await?;
        }
        self.note(|status| {
            status.last_scan = Some(scanned_at);
            status.scan_error = None;
        });
        Ok(())
    }
}
