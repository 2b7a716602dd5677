//! Values for properties: two of each form, as they are written.

/// Two values of one of a property's JSON types, in flow style.
pub(super) fn scalars(path: &str, form: &str) -> Option<[&'static str; 2]> {
    Some(match form {
        "string" => texts(path),
        "boolean" => ["true", "false"],
        "integer" => whole(path),
        "number" => numbers(path),
        "null" => ["null", "~"],
        _ => return None,
    })
}

fn last(path: &str) -> &str {
    path.rsplit('.').find(|segment| *segment != "[]").unwrap_or_default()
}

fn whole(path: &str) -> [&'static str; 2] {
    match path {
        "services.*.ports.[].target" => ["81", "82"],
        "services.*.blkio_config.weight" => ["100", "200"],
        _ => ["5", "6"],
    }
}

fn numbers(path: &str) -> [&'static str; 2] {
    match last(path) {
        "cpus" | "max_failure_ratio" => ["0.5", "0.25"],
        "ports" => ["81", "82"],
        "mode" => ["0o440", "256"],
        "mem_limit" | "memswap_limit" | "shm_size" => ["67108864", "1073741824"],
        "*" => ["1.5", "2"],
        _ => ["5", "6"],
    }
}

fn texts(path: &str) -> [&'static str; 2] {
    match path {
        "name" => return ["one", "two"],
        "version" => return ["\"3.8\"", "\"2\""],
        "include.[]" | "include.[].path" | "include.[].path.[]" => {
            return ["./inc.yaml", "./inc2.yaml"];
        }
        "include.[].env_file" | "include.[].env_file.[]" => return ["one.env", "two.env"],
        "include.[].project_directory" => return [".", "sub"],
        "networks.*.ipam.config.[].subnet" => return ["10.2.0.0/24", "10.3.0.0/24"],
        "networks.*.ipam.config.[].ip_range" => return ["10.1.0.0/28", "10.1.0.16/28"],
        "networks.*.ipam.config.[].gateway" => return ["10.1.0.1", "10.1.0.2"],
        "services.*.build" | "services.*.build.context" => return ["./one", "https://x.org/r.git"],
        "services.*.build.dockerfile_inline" => return ["FROM a", "FROM b"],
        "services.*.build.provenance" | "services.*.build.sbom" => return ["mode=max", "\"true\""],
        "services.*.build.ssh.[]" => return ["default", "k=./key"],
        "services.*.build.platforms.[]" | "services.*.platform" => {
            return ["linux/amd64", "linux/arm64"];
        }
        "services.*.build.secrets.[].source" | "services.*.secrets.[].source" => return ["s", "t"],
        "services.*.build.secrets.[]" | "services.*.secrets.[]" => return ["s", "t"],
        "services.*.configs.[].source" | "services.*.configs.[]" => return ["c", "d"],
        "services.*.cgroup" => return ["host", "private"],
        "services.*.command" | "services.*.entrypoint" => return ["echo one", "\"sh -c 'a b'\""],
        "services.*.cpuset" => return ["0-1", "\"0\""],
        "services.*.depends_on.*.condition" => {
            return ["service_healthy", "service_completed_successfully"];
        }
        "services.*.depends_on.[]" | "services.*.links.[]" | "services.*.volumes_from.[]" => {
            return ["b", "b"];
        }
        "services.*.deploy.mode" => return ["replicated", "global"],
        "services.*.deploy.endpoint_mode" => return ["vip", "dnsrr"],
        "services.*.deploy.restart_policy.condition" => return ["on-failure", "any"],
        "services.*.develop.watch.[].action" => return ["rebuild", "sync+restart"],
        "services.*.devices.[]" => return ["/dev/x", "/dev/y:/dev/z:r"],
        "services.*.devices.[].permissions" => return ["r", "rw"],
        "services.*.env_file" | "services.*.env_file.[]" | "services.*.env_file.[].path" => {
            return ["./e1.env", "./e2.env"];
        }
        "services.*.env_file.[].format" => return ["raw", "raw"],
        "services.*.extends" | "services.*.extends.service" => return ["b", "b"],
        "services.*.extends.file" => return ["base.yaml", "./base2.yaml"],
        "services.*.gpus" => return ["all", "all"],
        "services.*.healthcheck.test" => return ["echo one", "echo two"],
        "services.*.healthcheck.test.[]" => return ["CMD", "CMD-SHELL"],
        "services.*.label_file" | "services.*.label_file.[]" => return ["./l1", "l2"],
        "services.*.mac_address" | "services.*.networks.*.mac_address" => {
            return ["02:42:ac:11:00:01", "02:42:ac:11:00:02"];
        }
        "services.*.models.[]" => return ["m", "m2"],
        "services.*.network_mode" => return ["none", "host"],
        "services.*.networks.[]" => return ["n", "n2"],
        "services.*.networks.*.ipv4_address" => return ["10.1.0.5", "10.1.0.6"],
        "services.*.networks.*.ipv6_address" => return ["2001:db8::5", "2001:db8::6"],
        "services.*.networks.*.link_local_ips.[]" => return ["169.254.8.8", "169.254.8.9"],
        "services.*.ports.[]" => return ["\"8080:80\"", "\"127.0.0.1:8081-8082:81-82/udp\""],
        "services.*.ports.[].host_ip" => return ["127.0.0.1", "\"::1\""],
        "services.*.ports.[].mode" => return ["host", "ingress"],
        "services.*.ports.[].protocol" => return ["udp", "tcp"],
        "services.*.ports.[].published" => return ["\"8080\"", "\"8080-8081\""],
        "services.*.ports.[].target" => return ["\"81\"", "\"82\""],
        "services.*.pull_policy" => return ["always", "if_not_present"],
        "services.*.pull_refresh_after" => return ["1d", "2w"],
        "services.*.restart" => return ["unless-stopped", "on-failure:3"],
        "services.*.tmpfs" | "services.*.tmpfs.[]" => return ["/run", "/tmp:size=1m"],
        "services.*.ulimits.*" | "services.*.build.ulimits.*" => return ["\"5\"", "\"6\""],
        "services.*.volumes.[]" => return ["v:/one", "./src:/two:ro"],
        "services.*.volumes.[].bind.propagation" => return ["rshared", "private"],
        "services.*.volumes.[].bind.recursive" => return ["enabled", "disabled"],
        "services.*.volumes.[].bind.selinux" => return ["z", "Z"],
        "services.*.volumes.[].source" => return ["v", "w"],
        "services.*.volumes.[].target" => return ["/one", "/two/"],
        "services.*.volumes.[].type" => return ["volume", "tmpfs"],
        "services.*.blkio_config.weight" => return ["\"100\"", "\"200\""],
        _ => {}
    }
    if path.ends_with("extra_hosts.[]") {
        return ["h1:10.0.0.1", "h2=::1"];
    }
    if path.contains("extra_hosts.") {
        return ["10.0.0.1", "10.0.0.2"];
    }
    if path.ends_with("additional_contexts.*") {
        return ["./one", "docker-image://x"];
    }
    if path.ends_with("external") {
        return ["\"true\"", "\"false\""];
    }
    match last(path) {
        "interval" | "timeout" | "start_period" | "start_interval" | "delay" | "window"
        | "monitor" | "stop_grace_period" => ["90s", "1h2m3.5s"],
        "mem_limit" | "mem_reservation" | "memswap_limit" | "mem_swappiness" | "shm_size"
        | "memory" | "size" | "rate" => ["64m", "1.5gb"],
        "failure_action" => ["pause", "continue"],
        "order" => ["start-first", "stop-first"],
        "mode" => ["\"0440\"", "\"0400\""],
        "cpus" | "max_failure_ratio" => ["\"0.5\"", "\"0.25\""],
        "attach" | "init" | "privileged" | "read_only" | "stdin_open" | "tty"
        | "oom_kill_disable" | "disable" | "required" | "restart" | "internal" | "attachable"
        | "enable_ipv4" | "enable_ipv6" | "create_host_path" | "nocopy" | "no_cache" | "pull"
        | "per_replica" => ["\"true\"", "\"false\""],
        "cpu_count"
        | "cpu_percent"
        | "cpu_period"
        | "cpu_quota"
        | "cpu_rt_period"
        | "cpu_rt_runtime"
        | "cpu_shares"
        | "oom_score_adj"
        | "pids_limit"
        | "scale"
        | "retries"
        | "replicas"
        | "max_replicas_per_node"
        | "pids"
        | "max_attempts"
        | "parallelism"
        | "soft"
        | "hard"
        | "count"
        | "weight"
        | "expose" => ["\"5\"", "\"6\""],
        "environment"
        | "labels"
        | "annotations"
        | "sysctls"
        | "args"
        | "additional_contexts"
        | "options" => ["K=one", "L=two"],
        "context" => ["./one", "./two"],
        _ => ["one", "two"],
    }
}
