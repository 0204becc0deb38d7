//! Values that people type, whether a flag, the environment or `flowgate.toml` has them: each parses from one text, or
//! is none. Which setting has which is not known here.

mod choices;
mod measures;
mod paths;

pub use choices::{
    BaselineChoice, DirectPushChoice, DriftChoice, LayoutChoice, NewFlowChoice, SandboxChoice,
    ScopeChoice, Verify, VersionChoice, is_loopback,
};
pub use measures::{ByteSize, InvalidValue, List, Wait, Waits};
pub use paths::{ApiPaths, PathTemplate};
