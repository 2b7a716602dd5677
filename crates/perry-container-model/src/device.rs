//! Devices of the host, and requests for devices such as GPUs.

use crate::de::{blank, present};
use crate::list_or_dict::Options;
use crate::object::{Extensions, object};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One entry of `devices` of a service. A CDI name (`vendor/class=name`) is both source and target.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", expecting = "a device: a mapping with `source`")]
pub struct DeviceMapping {
    /// Path on the host.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "blank")]
    pub source: Option<String>,
    /// Path in the container.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "blank")]
    pub target: Option<String>,
    /// Some of `r`, `w`, `m`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "blank")]
    pub permissions: Option<String>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

/// A request for devices by what they can do: `gpus` of a service, `devices` of a reservation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "a request for devices: a mapping")]
pub struct DeviceRequest {
    /// What a device must be able to do: all of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<String>,
    /// Driver; absent means any that has the capabilities.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub driver: Option<String>,
    /// How many; -1 is all of them (`all`).
    #[serde(deserialize_with = "count", skip_serializing_if = "blank")]
    pub count: Option<i64>,
    /// These devices, instead of a number of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub device_ids: Vec<String>,
    /// Options of the driver.
    #[serde(skip_serializing_if = "Options::is_empty")]
    pub options: Options,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

object!(DeviceMapping);
object!(DeviceRequest);

fn count<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(deserializer.deserialize_any(CountVisitor)?.filter(|count| *count != 0))
}

struct CountVisitor;

impl Visitor<'_> for CountVisitor {
    type Value = Option<i64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of devices, or `all`")
    }

    fn visit_i64<E: Error>(self, count: i64) -> Result<Option<i64>, E> {
        Ok(Some(count))
    }

    fn visit_u64<E: Error>(self, count: u64) -> Result<Option<i64>, E> {
        Ok(Some(i64::try_from(count).unwrap_or(i64::MAX)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Option<i64>, E> {
        match text.parse() {
            Ok(count) => Ok(Some(count)),
            Err(_) if text.eq_ignore_ascii_case("all") => Ok(Some(-1)),
            Err(_) => Err(E::custom(format_args!(
                "invalid number of devices `{text}`, expected a whole number or `all`"
            ))),
        }
    }

    fn visit_unit<E: Error>(self) -> Result<Option<i64>, E> {
        Ok(None)
    }
}
