//! Limits on block devices.

use crate::de::{blank, nonzero};
use crate::object::{Extensions, object};
use crate::scalar::ByteSize;
use serde::{Deserialize, Serialize};

/// `blkio_config` of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "limits on block devices: a mapping")]
pub struct BlkioConfig {
    /// Share of the bandwidth, from 10 to 1000.
    #[serde(deserialize_with = "nonzero", skip_serializing_if = "blank")]
    pub weight: Option<u16>,
    /// Share of the bandwidth of one device each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weight_device: Vec<WeightDevice>,
    /// Bytes read in a second.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub device_read_bps: Vec<ThrottleDevice>,
    /// Reads in a second.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub device_read_iops: Vec<ThrottleDevice>,
    /// Bytes written in a second.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub device_write_bps: Vec<ThrottleDevice>,
    /// Writes in a second.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub device_write_iops: Vec<ThrottleDevice>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

/// Share of the bandwidth of a device. (docker compose prints the names of its properties capitalised in JSON.)
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "a weight of a device: a mapping")]
pub struct WeightDevice {
    /// Path of the device.
    #[serde(alias = "Path")]
    pub path: String,
    /// Share, from 10 to 1000.
    #[serde(alias = "Weight")]
    pub weight: u16,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

/// Limit of a device in a second. (docker compose prints the names of its properties capitalised in JSON.)
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "a limit of a device: a mapping")]
pub struct ThrottleDevice {
    /// Path of the device.
    #[serde(alias = "Path")]
    pub path: String,
    /// Bytes or operations in a second.
    #[serde(alias = "Rate")]
    pub rate: ByteSize,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

object!(BlkioConfig [weight_device, device_read_bps, device_read_iops, device_write_bps, device_write_iops]);
object!(WeightDevice);
object!(ThrottleDevice);
