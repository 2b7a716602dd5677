//! What is mounted into a container.

use crate::de::{blank, is_false, nonzero, present};
use crate::list_or_dict::Labels;
use crate::object::{Extensions, object};
use crate::scalar::ByteSize;
use crate::word::words;
use serde::{Deserialize, Serialize};

words! {
    /// Kinds of mounts.
    ///
    /// ```
    /// # use perry_container_model::VolumeType;
    /// assert_eq!("bind".parse(), Ok(VolumeType::Bind));
    /// assert_eq!(
    ///     "bnid".parse::<VolumeType>().unwrap_err().to_string(),
    ///     "invalid volume type `bnid`, expected `bind`, `volume`, `tmpfs`, `cluster`, `npipe` or `image`"
    /// );
    /// ```
    pub enum VolumeType ("volume type", VolumeTypeError) {
        /// A path of the host.
        Bind = "bind",
        /// A volume of the engine, named or anonymous.
        Volume = "volume",
        /// A file system in memory.
        Tmpfs = "tmpfs",
        /// A cluster volume of Swarm.
        Cluster = "cluster",
        /// A named pipe (Windows).
        Npipe = "npipe",
        /// The content of an image.
        Image = "image",
    }
}

/// One entry of `volumes` of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", expecting = "a mount: a mapping with `type`")]
pub struct ComposeServiceVolume {
    /// What kind of mount it is.
    #[serde(rename = "type")]
    pub kind: VolumeType,
    /// Path of the host (absolute once loaded), key of a volume of the project, or image; absent for an anonymous volume.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "blank")]
    pub source: Option<String>,
    /// Path in the container.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "blank")]
    pub target: Option<String>,
    /// The container cannot write.
    #[serde(default, skip_serializing_if = "is_false")]
    pub read_only: bool,
    /// `consistent`, `cached`, `delegated`: a hint to engines in a virtual machine.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "blank")]
    pub consistency: Option<String>,
    /// Options of a bind mount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bind: Option<MountBind>,
    /// Options of a volume mount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<MountVolume>,
    /// Options of a tmpfs mount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tmpfs: Option<MountTmpfs>,
    /// Options of an image mount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<MountImage>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

impl ComposeServiceVolume {
    /// A mount of a kind at a path, without source and options.
    pub fn new(kind: VolumeType, target: impl Into<String>) -> Self {
        Self {
            kind,
            source: None,
            target: Some(target.into()),
            read_only: false,
            consistency: None,
            bind: None,
            volume: None,
            tmpfs: None,
            image: None,
            extensions: Extensions::new(),
        }
    }
}

/// `bind` of a mount.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "options of a bind mount: a mapping")]
pub struct MountBind {
    /// Relabelling for SELinux: `z` (shared) or `Z` (private).
    #[serde(rename = "selinux", deserialize_with = "present", skip_serializing_if = "blank")]
    pub selinux: Option<String>,
    /// `private`, `rprivate`, `shared`, `rshared`, `slave`, `rslave`.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub propagation: Option<String>,
    /// Make the folder on the host when it is not there. The short form has it, the long one not.
    #[serde(skip_serializing_if = "is_false")]
    pub create_host_path: bool,
    /// `enabled`, `disabled`, `writable`, `readonly`: whether mounts below are taken along.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub recursive: Option<String>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

/// `volume` of a mount.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "options of a volume mount: a mapping")]
pub struct MountVolume {
    /// Labels of an anonymous volume.
    #[serde(skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// Do not fill a new volume with what the image has there.
    #[serde(skip_serializing_if = "is_false")]
    pub nocopy: bool,
    /// Folder of the volume to mount instead of its root.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub subpath: Option<String>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

/// `tmpfs` of a mount.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "options of a tmpfs mount: a mapping")]
pub struct MountTmpfs {
    /// Most bytes it may hold.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub size: Option<ByteSize>,
    /// Permission bits; a number, not octal text.
    #[serde(deserialize_with = "nonzero", skip_serializing_if = "blank")]
    pub mode: Option<u32>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

/// `image` of a mount.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "options of an image mount: a mapping")]
pub struct MountImage {
    /// Folder of the image to mount instead of its root.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub subpath: Option<String>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

object!(ComposeServiceVolume [bind, volume, tmpfs, image]);
object!(MountBind);
object!(MountVolume);
object!(MountTmpfs);
object!(MountImage);
