//! From Compose nodes to one interpolated, merged, canonical, validated model. It opens no file itself.
