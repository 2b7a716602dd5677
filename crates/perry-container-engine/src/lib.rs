#![doc = include_str!("../README.md")]

mod attach;
mod create;
mod down;
mod error;
mod events;
mod exec;
mod failure;
mod gate;
mod journal;
mod keeper;
mod kept;
mod kill;
mod life;
mod lock;
mod logs;
mod look;
mod perform;
mod progress;
mod pull;
mod rm;
mod run;
mod session;
mod spans;
mod supervise;
mod up;
mod views;
mod watch;

pub use attach::{Abort, AttachOptions, Attached, AttachedEvent};
pub use error::EngineError;
pub use failure::{Failure, Reason};
pub use gate::SessionGate;
pub use journal::{Begun, Toward};
pub use keeper::{
    Keeper, KeeperInfo, KeeperStart, Keeping, LaunchKeeper, Post, Standing, now as moment,
};
pub use lock::{Holder, Lock, runtime_dir};
pub use logs::{LogFlow, LogItem, LogLine, LogsOptions};
pub use look::Ended;
pub use progress::{Object, Phase, Progress};
pub use run::Run;
pub use session::{Session, SessionOptions};
pub use supervise::{SuperviseEvent, SuperviseOptions, Supervised};
pub use up::Report;
pub use views::{
    EventRow, ImageRow, LsRow, Processes, PsFilter, PsRow, Publisher, ServiceState, ServiceStatus,
    StackStatus, event_row, human_duration, images, ls, port, ps, status, top,
};
