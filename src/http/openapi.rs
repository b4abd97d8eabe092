//! The OpenAPI document: what poem-openapi derives, plus what holds for every operation.

use poem_openapi::{LicenseObject, OpenApi, OpenApiService, ServerObject};
use serde_json::{Map, Value, json};

use super::{account, authorize, set_error};
use crate::error_code::ErrorCode;

/// The service of `api`. Its server is relative, so that the document is the same everywhere.
pub fn service<A: OpenApi>(api: A) -> OpenApiService<A, ()> {
    OpenApiService::new(api, "munjigi", env!("CARGO_PKG_VERSION"))
        .description(
            "Signs people in through Kakao and issues its own access and refresh JWTs. Errors are RFC 9457 problem+json; \
             below /oauth they are RFC 6749 JSON.",
        )
        .license(LicenseObject::new("MIT OR Apache-2.0"))
        .server(ServerObject::new("/").description("This gateway"))
}

/// The document of a service, as served and as committed.
pub fn document_of<A: OpenApi>(service: &OpenApiService<A, ()>) -> Value {
    let mut document = serde_json::from_str(&service.spec()).unwrap_or_default();
    complete(&mut document);
    document
}

/// Adds what the framework and the outermost middleware answer for any operation, and the list of codes.
fn complete(document: &mut Value) {
    let codes: Vec<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    document["components"]["schemas"]["Problem"]["properties"]["error"]["enum"] = json!(codes);
    for (schema, always_there) in WITH_NULLS {
        allow_nulls(&mut document["components"]["schemas"][schema], *always_there);
    }
    let paths = document["paths"].as_object_mut().into_iter().flat_map(Map::iter_mut);
    for (path, item) in paths {
        for (_, operation) in item.as_object_mut().into_iter().flat_map(Map::iter_mut) {
            // Whatever is wrong with a delivery of events is its own 400 (RFC 8935), and the unlink call comes in many forms.
            let is_webhook = path.starts_with("/api/webhooks/");
            let has_body = operation.get("requestBody").is_some() && !is_webhook;
            let schema = match path.as_str() {
                set_error::PATH => "SetError",
                path if path.starts_with("/oauth") && path != authorize::PATH => "OAuthError",
                _ => "Problem",
            };
            let Some(responses) = operation["responses"].as_object_mut() else { continue };
            add(responses, schema, ErrorCode::InvalidRequest);
            if schema != "SetError" {
                add(responses, schema, ErrorCode::PayloadTooLarge);
            }
            if has_body {
                add(responses, schema, ErrorCode::UnsupportedMediaType);
            }
            add(responses, schema, ErrorCode::InternalError);
            add(responses, schema, ErrorCode::RequestTimeout);
        }
    }
}

/// Schemas in which a member that has no value is `null`, and whether it is there then. poem-openapi knows only absent members.
const WITH_NULLS: &[(&str, bool)] = &[
    ("Profile", true),
    ("PrivateProfile", true),
    ("SignedOut", true),
    ("NativeLogin", false),
    ("DeviceSession", true),
    ("LoginCallback", false),
    ("RefreshRequest", false),
    ("LogoutRequest", false),
];

fn allow_nulls(schema: &mut Value, always_there: bool) {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let mut names = Vec::new();
    for (name, member) in schema["properties"].as_object_mut().into_iter().flat_map(Map::iter_mut) {
        let name = Value::from(name.as_str());
        if !required.contains(&name) {
            // Beside a reference OpenAPI 3.0 reads nothing, so that one goes into `allOf`.
            if let Some(reference) = member.as_object_mut().and_then(|member| member.remove("$ref")) {
                member["allOf"] = json!([{ "$ref": reference }]);
            }
            member["nullable"] = true.into();
        }
        names.push(name);
    }
    if always_there {
        schema["required"] = names.into();
    }
}

fn add(responses: &mut Map<String, Value>, schema: &str, code: ErrorCode) {
    let content_type = if schema == "Problem" { "application/problem+json" } else { "application/json" };
    let entry = code.entry();
    responses.entry(entry.status.to_string()).or_insert_with(|| {
        json!({
            "description": format!("`{code}`: {}.", entry.title),
            "content": { content_type: { "schema": { "$ref": format!("#/components/schemas/{schema}") } } },
        })
    });
}

/// Which methods each documented path takes, for `Allow`.
pub struct Routes(Vec<(Vec<String>, String)>);

impl Routes {
    /// Reads them from the document.
    pub fn of(document: &Value) -> Self {
        let paths = document["paths"].as_object().into_iter().flatten();
        let entry = |(path, item): (&String, &Value)| {
            let mut methods: Vec<String> =
                item.as_object().into_iter().flat_map(Map::keys).map(|method| method.to_uppercase()).collect();
            if methods.iter().any(|method| method == "GET") {
                methods.push("HEAD".to_owned());
            }
            methods.sort();
            (path.trim_matches('/').split('/').map(ToOwned::to_owned).collect(), methods.join(", "))
        };
        Self(paths.map(entry).collect())
    }

    /// The methods of a path; pages and files take GET.
    pub fn allowed_methods(&self, path: &str) -> String {
        let segments: Vec<_> = path.trim_matches('/').split('/').collect();
        let fits = |template: &[String]| {
            template.len() == segments.len()
                && template.iter().zip(&segments).all(|(part, segment)| part.starts_with('{') || part == segment)
        };
        self.0
            .iter()
            .find(|(template, _)| fits(template))
            .map_or_else(|| account::methods(path).to_owned(), |(_, methods)| methods.clone())
    }
}

/// The document as JSON text with a line end, as it is committed.
pub fn json_text(document: &Value) -> String {
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}

/// The document as YAML.
pub fn yaml_text(document: &Value) -> String {
    serde_yaml::to_string(document).unwrap_or_default()
}
