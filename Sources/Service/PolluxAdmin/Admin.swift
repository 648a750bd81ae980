import Hummingbird

/// The listener of those who run the gateway.
enum Admin {}
