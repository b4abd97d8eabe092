//! Tag `health`: for load balancers and people.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{ApiResponse, Object, OpenApi, payload::Json};

use super::{
    Shared, Tag, faults,
    problem::{Codes, Fault, Problem},
};
use crate::error_code::ErrorCode;

/// Codes of readiness.
pub struct ReadyCodes;

impl Codes for ReadyCodes {
    const CODES: &'static [ErrorCode] = &[ErrorCode::InternalError, ErrorCode::StorageUnavailable];
}

/// How it is.
#[derive(Object)]
struct Health {
    /// `healthy`, or `degraded` when Redis is away and each replica limits logins by itself
    status: String,
}

impl Health {
    fn good() -> Json<Self> {
        Self::is("healthy")
    }

    fn is(status: &str) -> Json<Self> {
        Json(Self { status: status.to_owned() })
    }
}

#[derive(ApiResponse)]
enum Alive {
    /// The process answers.
    #[oai(status = 200)]
    Yes(Json<Health>),
}

/// The health routes.
pub struct HealthApi;

#[OpenApi(tag = "Tag::Health")]
impl HealthApi {
    /// Whether the process answers
    #[oai(path = "/api/health", method = "get", operation_id = "health")]
    async fn health(&self) -> Alive {
        Alive::Yes(Health::good())
    }

    /// Whether the process answers, for orchestrators
    #[oai(path = "/livez", method = "get", operation_id = "livez")]
    async fn livez(&self) -> Alive {
        Alive::Yes(Health::good())
    }

    /// Whether it can sign people in: asks database, schema and keys
    #[oai(path = "/readyz", method = "get", operation_id = "readyz")]
    async fn readyz(&self, shared: Data<&Arc<Shared>>) -> Result<Json<Health>, Problem<ReadyCodes>> {
        let storage = &shared.context.storage;
        storage.ping().await.map_err(|error| faults::of_storage(&error))?;
        if !storage.schema_is_current().await.map_err(|error| faults::of_storage(&error))? {
            let fault =
                Fault::new(ErrorCode::StorageUnavailable).with_detail("The schema is behind: munjigi migrate up.");
            return Err(fault.into());
        }
        // Still ready: a replica taken away for it would only put its load on the others.
        let degraded = shared.redis.as_ref().is_some_and(|redis| redis.is_away());
        Ok(Health::is(if degraded { "degraded" } else { "healthy" }))
    }
}
