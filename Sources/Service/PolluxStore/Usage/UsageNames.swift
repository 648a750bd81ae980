/// Under which names of models one event loop's days are summed up.
///
/// A model's name is whatever a client writes. Named are those that an upstream has answered to, and so many others; the
/// rest is summed up under none, so that nobody fills the table with inventions.
///
///     404                      none: no upstream knows it
///     answered, now or before  its own
///     another failure          its own, as long as there are not too many such names
struct UsageNames {
    static let maximumAnswered = 4096
    static let maximumFailed = 100

    private var answered: Set<String> = []
    private var failed: Set<String> = []

    /// - Parameter status: of requests for this model.
    mutating func name(of model: String, status: Int) -> String {
        if status == 404 { return "" }
        if answered.contains(model) { return model }
        if status < 400, answered.count < Self.maximumAnswered {
            answered.insert(model)
            return model
        }
        if failed.contains(model) { return model }
        guard failed.count < Self.maximumFailed else { return "" }
        failed.insert(model)
        return model
    }
}
