//! The committed description of the API is the one the code gives.

use serde_json::Value;
use std::path::Path;

#[test]
fn the_committed_document_is_the_generated_one() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/fettle.json");
    let committed: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let generated = serde_json::to_value(fettle_server::api::openapi()).unwrap();
    assert!(committed == generated, "the API changed: run `cargo xtask codegen`");
}

/// Every operation says who may call it, by a permission that exists, or that everybody may.
#[test]
fn every_operation_names_its_permission() {
    let document = serde_json::to_value(fettle_server::api::openapi()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let permission = operation["x-permission"].as_str();
            let open = operation["security"] == serde_json::json!([{}]) || operation["security"] == serde_json::json!([]);
            assert!(permission.is_some() != open, "{method} {path}: name x-permission, or security(())");
            if let Some(permission) = permission {
                permission.parse::<fettle_model::access::Action>().unwrap_or_else(|error| panic!("{method} {path}: {error}"));
            }
            assert_eq!(operation["responses"]["default"]["$ref"], "#/components/responses/Problem", "{method} {path}");
        }
    }
}
