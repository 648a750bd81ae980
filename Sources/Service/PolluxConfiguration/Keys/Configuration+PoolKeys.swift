extension Configuration {
    /// `pools`.
    static let poolKeys: [ConfigurationKey] = [
        ConfigurationKey(
            "pools", .list, .words("empty"),
            "Backends that stand in for each other; a pool's name may stand wherever a backend's may."
        ),
        ConfigurationKey("pools[].name", .text, .required, "The pool's name; unique, among backends, too."),
        ConfigurationKey("pools[].members", .namedList, .required, "The backends; at least one."),
        ConfigurationKey("pools[].members[].name", .text, .required, "A backend's name."),
        ConfigurationKey(
            "pools[].members[].weight", .integer(Share.weights), .words("none: in order"),
            "Its share of the requests; 1 where only others have one. With 0 it only stands in."
        ),
    ]
}
