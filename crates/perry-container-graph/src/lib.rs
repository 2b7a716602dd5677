//! Kahn's algorithm: levels, order, cycles and dependents. It knows nothing of what is ordered.
