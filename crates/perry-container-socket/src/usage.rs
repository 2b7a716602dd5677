//! What containers use.

use crate::{
    SocketBackend,
    ask::{Ask, Patience},
    frames,
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use indexmap::IndexMap;
use perry_container_backend::{Flow, Result};
use perry_container_spec::{Id, Usage};
use serde::{Deserialize, Deserializer};

fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> std::result::Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sample {
    id: String,
    #[serde(rename = "Id")]
    pod_id: String,
    name: String,
    #[serde(deserialize_with = "nullable")]
    cpu_stats: Cpu,
    #[serde(deserialize_with = "nullable")]
    precpu_stats: Cpu,
    #[serde(deserialize_with = "nullable")]
    memory_stats: Memory,
    #[serde(deserialize_with = "nullable")]
    pids_stats: Pids,
    #[serde(deserialize_with = "nullable")]
    networks: IndexMap<String, Card>,
    #[serde(deserialize_with = "nullable")]
    blkio_stats: Blocks,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Cpu {
    cpu_usage: Total,
    system_cpu_usage: u64,
    online_cpus: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Total {
    total_usage: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Memory {
    usage: u64,
    limit: u64,
    #[serde(deserialize_with = "nullable")]
    stats: IndexMap<String, u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Pids {
    current: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Card {
    rx_bytes: u64,
    tx_bytes: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Blocks {
    #[serde(deserialize_with = "nullable")]
    io_service_bytes_recursive: Vec<Block>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Block {
    op: String,
    value: u64,
}

/// As docker's client computes it (docker CLI 28 `stats_helpers.go`): the cache of files that can go is no use of memory.
fn usage(sample: &Sample) -> Usage {
    let cpu = sample
        .cpu_stats
        .cpu_usage
        .total_usage
        .saturating_sub(sample.precpu_stats.cpu_usage.total_usage);
    let system =
        sample.cpu_stats.system_cpu_usage.saturating_sub(sample.precpu_stats.system_cpu_usage);
    let cpu_percent = if system == 0 {
        0.0
    } else {
        cpu as f64 / system as f64 * sample.cpu_stats.online_cpus.max(1) as f64 * 100.0
    };
    let stats = &sample.memory_stats.stats;
    let cache = stats
        .get("total_inactive_file")
        .or_else(|| stats.get("inactive_file"))
        .copied()
        .unwrap_or(0);
    let sum = |op: &str| {
        let rows = sample.blkio_stats.io_service_bytes_recursive.iter();
        rows.filter(|row| row.op.eq_ignore_ascii_case(op))
            .fold(0_u64, |sum, row| sum.saturating_add(row.value))
    };
    let net = |of: fn(&Card) -> u64| {
        sample.networks.values().fold(0_u64, |sum, card| sum.saturating_add(of(card)))
    };
    Usage {
        id: if sample.id.is_empty() { sample.pod_id.clone() } else { sample.id.clone() },
        name: sample.name.trim_start_matches('/').to_owned(),
        cpu_percent,
        memory: sample.memory_stats.usage.saturating_sub(cache),
        memory_limit: sample.memory_stats.limit,
        net_rx: net(|card| card.rx_bytes),
        net_tx: net(|card| card.tx_bytes),
        block_read: sum("read"),
        block_write: sum("write"),
        pids: sample.pids_stats.current,
    }
}

const SAMPLE: usize = 4 << 20;

impl SocketBackend {
    /// One request per container, as the Engine API has it; docker takes a second for each, so all at once.
    pub(crate) async fn open_stats(&self, ids: &[Id], follow: bool) -> Result<Flow<Usage>> {
        let asks = ids.iter().map(|id| {
            let ask = Ask::get("watch", id).at("containers").name(id).at("stats");
            let ask = ask.query("stream", if follow { "true" } else { "false" });
            (id.clone(), if follow { ask.patience(Patience::Endless) } else { ask })
        });
        let answers = asks.map(|(id, ask)| async move {
            let answer = self.wire.send(ask).await?;
            Ok(frames::values::<Sample>(answer.flow(), SAMPLE, "watch", &id)
                .map_ok(|sample| usage(&sample)))
        });
        let flows: Vec<_> = futures_util::future::try_join_all(answers).await?;
        Ok(stream::select_all(flows).boxed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_as_dockers_client_computes_it() {
        let sample: Sample = serde_json::from_str(
            r#"{"id":"ab","name":"/web","cpu_stats":{"cpu_usage":{"total_usage":300},"system_cpu_usage":2000,"online_cpus":2},
            "precpu_stats":{"cpu_usage":{"total_usage":100},"system_cpu_usage":1000},"memory_stats":{"usage":100,"limit":1000,
            "stats":{"inactive_file":30}},"pids_stats":{"current":3},"networks":{"eth0":{"rx_bytes":1,"tx_bytes":2},"eth1":{"rx_bytes":10}},
            "blkio_stats":{"io_service_bytes_recursive":[{"op":"Read","value":5},{"op":"write","value":7},{"op":"Read","value":1}]}}"#,
        )
        .unwrap();
        let u = usage(&sample);
        assert_eq!((u.cpu_percent, u.memory, u.memory_limit, u.pids), (40.0, 70, 1000, 3));
        assert_eq!(
            (u.net_rx, u.net_tx, u.block_read, u.block_write, u.name.as_str()),
            (11, 2, 6, 7, "web")
        );
        let empty: Sample = serde_json::from_str(
            r#"{"networks":null,"blkio_stats":null,"memory_stats":{"stats":null}}"#,
        )
        .unwrap();
        assert_eq!(usage(&empty), Usage::default());
    }
}
