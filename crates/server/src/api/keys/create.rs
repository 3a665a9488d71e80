//! `POST /api/v1/activation-keys`

use super::convert::{self, Keys};
use crate::api::extract::Json;
use crate::api::idempotency::{Created, IdempotencyHeader, IdempotencyKey, once};
use crate::api::keys::key::{CreateKey, CreatedKey};
use crate::api::problem::Problem;
use crate::auth::{Changed, Granted, permission};
use axum::response::Response;
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::KeyId;
use fettle_protocol::key::ActivationKey;
use fettle_store::ActivationKeyRecord;
use sha2::{Digest, Sha256};

/// Makes an activation key. Its secret is shown once.
#[utoipa::path(
    post,
    path = "/activation-keys",
    tag = "activation-keys",
    operation_id = "create_activation_key",
    params(IdempotencyHeader),
    request_body = CreateKey,
    responses((status = 201, description = "Made.", body = CreatedKey)),
    extensions(("x-permission" = json!("configuration.manage"))),
)]
pub(super) async fn create_activation_key(
    granted: Granted<permission::ManageConfiguration>,
    key: IdempotencyKey,
    Json(body): Json<CreateKey>,
) -> Result<Response, Problem> {
    let keys = Keys::new(&granted).await?;
    keys.require(&body.tags)?;
    let title = convert::title(&body.title)?;
    if body.use_limit == Some(0) {
        return Err(Problem::invalid_field("use_limit", "must be at least 1, or left out for any number"));
    }
    if body.expires_at.is_some_and(|at| at <= granted.now()) {
        return Err(Problem::invalid_field("expires_at", "must be in the future, or left out for a key that does not expire"));
    }
    once(&granted, key, &body, async {
        let app = granted.app();
        let id = KeyId::make(granted.now(), app.entropy.ten());
        let mut secret = [0; 20];
        app.entropy.fill(&mut secret);
        let record = ActivationKeyRecord {
            id,
            title,
            secret_hash: Sha256Digest(Sha256::digest(secret).into()),
            created_by: granted.actor().user,
            created_at: granted.now(),
            expires_at: body.expires_at,
            use_limit: body.use_limit,
            uses: 0,
            tags: body.tags.clone(),
            disabled: false,
        };
        let answer = keys.body(&record);
        let audit = granted.audit("activation_key.create", format!("activation key {id}")).after(&answer);
        app.store.create_activation_key(&record, &audit).await?;
        let secret = ActivationKey { id, secret, authority: app.authority.fingerprint() };
        Ok(Created { location: format!("/activation-keys/{id}"), body: CreatedKey { key: answer, secret: Some(secret.to_string()) } })
    })
    .await
}
