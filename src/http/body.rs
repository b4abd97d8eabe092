//! Request bodies, JSON and form. Unlike poem-openapi's own, an optional body may be absent with its content type, a member given
//! twice is refused instead of decided by whoever reads last, and documented limits hold for forms too.

use std::collections::HashSet;

use bytes::Bytes;
use poem::{Request, RequestBody, error::ReadBodyError};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    error::{ContentTypeError, ParseRequestPayloadError},
    payload::{Json, Payload},
    registry::{MetaMediaType, MetaRequest, Registry},
    types::ParseFromJSON,
};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::problem::Fault;
use crate::error_code::ErrorCode;

/// The largest documented body is a few hundred bytes; tokens and states have room.
pub const MAX_BODY: usize = 16 * 1024;

/// A JSON body of type `T`; `Body<Option<T>>` may be absent.
pub struct Body<T>(pub T);

impl<'a, T: ParseFromJSON> ApiExtractor<'a> for Body<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = vec![MetaMediaType { content_type: "application/json", schema: T::schema_ref() }];
        Some(MetaRequest { description: None, content, required: T::IS_REQUIRED })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let bytes = read(body, MAX_BODY).await?;
        let value = match request.content_type() {
            // Absent: what its type would have been is no question then.
            _ if bytes.is_empty() && !T::IS_REQUIRED => Value::Null,
            None => return Err(ContentTypeError::ExpectContentType.into()),
            Some(content_type) if !Json::<T>::check_content_type(content_type) => {
                return Err(ContentTypeError::NotSupported { content_type: content_type.to_owned() }.into());
            }
            Some(_) if bytes.is_empty() => Value::Null,
            Some(_) => {
                let Unique(value) = serde_json::from_slice(&bytes).map_err(|error| malformed(error.to_string()))?;
                only_texts(value).ok_or_else(|| malformed("not an object of texts"))?
            }
        };
        parse(value).map(Self)
    }
}

/// The whole body, at most `limit` bytes.
pub async fn read(body: &mut RequestBody, limit: usize) -> poem::Result<Bytes> {
    match body.take()?.into_bytes_limit(limit).await {
        Ok(bytes) => Ok(bytes),
        Err(ReadBodyError::PayloadTooLarge) => Err(Fault::new(ErrorCode::PayloadTooLarge).into()),
        Err(_) => Err(Fault::new(ErrorCode::InvalidRequest).with_detail("The body could not be read.").into()),
    }
}

/// JSON whose objects name each member once; `None` for everything else.
pub fn unique(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok().map(|Unique(value)| value)
}

fn malformed(reason: impl Into<String>) -> poem::Error {
    ParseRequestPayloadError { reason: reason.into() }.into()
}

/// A value as `T`, with the limits its description states.
fn parse<T: ParseFromJSON>(value: Value) -> poem::Result<T> {
    T::parse_from_json(Some(value)).map_err(|error| malformed(error.into_message()))
}

/// Every member of every body here is text. poem-openapi would read `false` as the text "false".
fn only_texts(value: Value) -> Option<Value> {
    let is_text = |member: &Value| member.is_string() || member.is_null();
    value.as_object().is_some_and(|object| object.values().all(is_text)).then_some(value)
}

/// A form body of type `T` (RFC 6749 appendix B), with the limits its description states.
pub struct FormBody<T>(pub T);

impl<'a, T: ParseFromJSON> ApiExtractor<'a> for FormBody<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = vec![MetaMediaType { content_type: FORM, schema: T::schema_ref() }];
        Some(MetaRequest { description: None, content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let bytes = read(body, MAX_BODY).await?;
        let content_type = request.content_type().ok_or(ContentTypeError::ExpectContentType)?;
        if !content_type.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case(FORM)) {
            return Err(ContentTypeError::NotSupported { content_type: content_type.to_owned() }.into());
        }
        let mut members = serde_json::Map::new();
        for (name, value) in url::form_urlencoded::parse(&bytes) {
            if members.insert(name.into_owned(), Value::from(value.into_owned())).is_some() {
                return Err(malformed("a parameter is given twice"));
            }
        }
        parse(members.into()).map(Self)
    }
}

/// The media type of a form.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// A JSON value whose objects name each member once.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Self)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Unique(value)) = items.next_element()? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let (mut object, mut seen) = (serde_json::Map::new(), HashSet::new());
        while let Some((name, Unique(value))) = members.next_entry::<String, Unique>()? {
            if !seen.insert(name.clone()) {
                return Err(A::Error::custom("a member is given twice"));
            }
            object.insert(name, value);
        }
        Ok(object.into())
    }
}
