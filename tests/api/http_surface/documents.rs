//! Documents and pages that anybody may read: keys, metadata, health, API documentation.

use serde_json::Value;

use super::send;
use crate::support::World;

const METADATA: [&str; 3] =
    ["/.well-known/jwks.json", "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"];

#[tokio::test]
async fn keys_and_metadata_are_kept_for_five_minutes_and_answered_304_while_unchanged() {
    let world = World::new().await;
    for path in METADATA {
        let answer = send(&world, "GET", path, &[]).await.ok();
        let etag = answer.header("etag");
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("cache-control"), "public, max-age=300");
        assert!(etag.starts_with('"') && etag.ends_with('"') && etag.len() > 8, "{etag}");
        assert!(answer.json().is_object() && answer.headers.get("set-cookie").is_none());
        for asked in [etag.clone(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".to_owned()] {
            let unchanged = send(&world, "GET", path, &[("if-none-match", &asked)]).await;
            assert_eq!((unchanged.status.as_u16(), unchanged.body.as_str()), (304, ""), "{asked}");
            assert_eq!(
                (unchanged.header("etag"), unchanged.header("cache-control").contains("300")),
                (etag.clone(), true)
            );
        }
        let changed = send(&world, "GET", path, &[("if-none-match", "\"other\"")]).await;
        assert_eq!((changed.status.as_u16(), changed.body), (200, answer.body));
    }
}

#[tokio::test]
async fn another_key_means_another_etag() {
    let world = World::new().await;
    let before = send(&world, "GET", METADATA[0], &[]).await.header("etag");
    let context = &world.gateway.shared.context;
    context.keys.rotate(&context.storage, context.clock.now()).await.unwrap();
    context.keys.reload(&context.storage, context.clock.now()).await.unwrap();
    let answer = send(&world, "GET", METADATA[0], &[("if-none-match", &before)]).await;
    assert_eq!((answer.status.as_u16(), answer.json()["keys"].as_array().unwrap().len()), (200, 2));
    assert_ne!(answer.header("etag"), before);
}

#[tokio::test]
async fn published_keys_have_no_private_part() {
    for algorithm in ["ES256", "EdDSA"] {
        let world = World::with(&[("JWT_ALGORITHM", algorithm)]).await;
        let jwks = send(&world, "GET", METADATA[0], &[]).await.json();
        for key in jwks["keys"].as_array().unwrap() {
            let names: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
            for name in ["kty", "kid", "use", "alg"] {
                assert!(names.contains(&name), "{name} of {key}");
            }
            assert!(!names.iter().any(|name| ["d", "p", "q", "dp", "dq", "qi", "k"].contains(name)), "{key}");
            assert_eq!((key["alg"].as_str(), key["use"].as_str()), (Some(algorithm), Some("sig")));
        }
    }
}

#[tokio::test]
async fn health_is_told_to_anybody_and_tells_nothing_else() {
    let world = World::new().await;
    for path in ["/api/health", "/livez", "/readyz"] {
        let answer = send(&world, "GET", path, &[]).await.ok();
        assert_eq!(answer.body, r#"{"status":"healthy"}"#, "{path}");
    }
}

#[tokio::test]
async fn the_documentation_is_complete_offline_and_without_inline_script() {
    let world = World::new().await;
    let page = send(&world, "GET", "/docs", &[]).await.ok();
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let mut assets = 0;
    for name in ["src=\"", "href=\""] {
        for (at, _) in page.body.match_indices(name) {
            let reference = page.body[at + name.len()..].split('"').next().unwrap();
            assert!(reference.starts_with('/') && !reference.starts_with("//"), "{reference} is not ours");
            let answer = send(&world, "GET", reference, &[]).await;
            assert!(answer.status.is_success() || answer.status.is_redirection(), "{reference}: {}", answer.status);
            if reference.starts_with("/docs/") {
                assert!(answer.body.len() > 100, "{reference} is empty");
                let expected = if reference.contains(".js") { "text/javascript" } else { "text/css" };
                assert!(answer.header("content-type").starts_with(expected), "{reference}");
                assets += 1;
            }
        }
    }
    assert_eq!(assets, 4, "Swagger UI and our own script, a style for each");
    for (at, _) in page.body.match_indices("<script") {
        let element = page.body[at..].split("</script>").next().unwrap();
        assert!(element.contains("src=\"") && element.ends_with('>'), "inline: {element}");
    }
    for inline in ["<style", " style=", " onclick=", " onload=", "javascript:"] {
        assert!(!page.body.contains(inline), "{inline}");
    }
    let script = send(&world, "GET", "/docs/docs.js", &[]).await.body;
    assert!(script.contains("/openapi.json") && !script.contains("http://") && !script.contains("https://"));
}

#[tokio::test]
async fn the_document_served_is_the_one_committed() {
    let world = World::new().await;
    let json = send(&world, "GET", "/openapi.json", &[]).await.ok();
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/munjigi.json")).unwrap();
    assert!(json.body == committed, "mend it with: cargo run -- openapi > openapi/munjigi.json");
    assert_eq!(json.header("content-type"), "application/json");
    let yaml = send(&world, "GET", "/openapi.yaml", &[]).await.ok();
    assert_eq!(yaml.header("content-type"), "application/yaml");
    assert_eq!(serde_yaml::from_str::<Value>(&yaml.body).unwrap(), json.json());
}
