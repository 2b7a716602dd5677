//! What a container should be and what a runtime shows. Data only: it runs and decides nothing.
