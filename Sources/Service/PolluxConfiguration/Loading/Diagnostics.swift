/// Collects what is found while one configuration is loaded.
///
/// A class, so that every section can report without handing a list around. It lives for one call of
/// `load`, on one thread.
final class Diagnostics {
    private(set) var errors: [ConfigurationError] = []
    private(set) var warnings: [ConfigurationWarning] = []
    /// The files of the configuration and of secrets, whether they could be read or not.
    private(set) var files: FileStamps

    func error(_ message: String, key: String, at location: ConfigurationLocation) {
        let error = ConfigurationError(location: location, key: key, message: message)
        // A default may be read twice; what is wrong is said once.
        if !errors.contains(error) { errors.append(error) }
    }

    func warn(_ message: String, key: String, at location: ConfigurationLocation) {
        let warning = ConfigurationWarning(location: location, key: key, message: message)
        if !warnings.contains(warning) { warnings.append(warning) }
    }

    init(files: FileStamps) { self.files = files }

    func reads(_ path: String) { files.add(path) }

    /// The errors by place: those of the file first and in its order, then environment and flags.
    var sortedErrors: [ConfigurationError] {
        errors.enumerated().sorted { first, second in
            place(first.element, first.offset) < place(second.element, second.offset)
        }.map(\.element)
    }

    private func place(_ error: ConfigurationError, _ offset: Int) -> (Int, Int, Int, Int) {
        let rank =
            switch error.location.source {
            case .file: 0
            case .environment: 1
            case .flag: 2
            case .defaults: 3
            }
        return (rank, error.line ?? 0, error.column ?? 0, offset)
    }
}
