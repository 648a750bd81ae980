import ArgumentParser
import PolluxConfiguration
import PolluxLimits
import PolluxStore

/// Which store a command works on.
struct StoreOptions: ParsableArguments {
    @Option(help: "The store's file; else POLLUX_STORE_PATH, or 'store.path' of the configuration.")
    var store: String?

    @Option(help: "The configuration file (YAML); else POLLUX_CONFIG.")
    var config: String?

    /// How long a command waits for a lock: a server writes for some milliseconds at a time.
    private static let patience = 5.0

    /// - Parameter isMade: whether the file is made when it is not there.
    func open(_ access: Store.Access = .readWrite, isMade: Bool = false) throws -> Store {
        try open(try found().path, access, isMade: isMade)
    }

    /// The store in which a key is to be made; the file is made when it is not there.
    ///
    /// - Throws: when the configuration that names the file has a key of this name: it would win.
    func open(forKey name: String) throws -> Store {
        let (path, configuration) = try found()
        if configuration?.auth.key(named: name) != nil { throw StoreError.nameTaken(name) }
        return try open(path, isMade: true)
    }

    private func open(_ path: String, _ access: Store.Access = .readWrite, isMade: Bool) throws -> Store {
        do {
            return try Store(path: path, access: access, isMade: isMade, patience: Self.patience)
        } catch {
            throw Failure("store '\(path)': \(error)")
        }
    }

    /// The file, and the configuration that names it, where it was asked.
    private func found() throws -> (path: String, configuration: Configuration?) {
        let environment = ProcessEnvironment.variables
        if let path = store ?? environment["POLLUX_STORE_PATH"], !path.isEmpty { return (path, nil) }
        guard let file = config ?? environment["POLLUX_CONFIG"] else {
            throw Failure("Which store? Name its file with --store, or a configuration that does with --config.")
        }
        let loaded: LoadedConfiguration
        do {
            loaded = try Configuration.load(contentsOf: file, environment: environment)
        } catch {
            throw Failure(error.description)
        }
        guard let path = loaded.configuration.store.path else { throw Failure("'\(file)' does not set 'store.path'.") }
        return (path, loaded.configuration)
    }
}

/// What commands ask for: dates, lengths of time, money.
enum CommandValue {
    /// `2026-12-31` (the end of that day, in UTC), or a length of time from now: `30d`, `12h`.
    static func moment(_ text: String, option: String, now: Int) throws -> Int {
        if let day = UsageDate.day(text) { return (day + 1) * 86_400 }
        guard let seconds = seconds(text) else { throw ValidationError("--\(option): \(expectedMoment)") }
        return now + seconds
    }

    /// Seconds of a length of time.
    static func duration(_ text: String, option: String) throws -> Int {
        guard let seconds = seconds(text) else { throw ValidationError("--\(option): \(expectedDuration)") }
        return seconds
    }

    static let expectedDuration = "expected a time such as 10m, 12h or 30d"
    static let expectedMoment = "expected a date such as 2026-12-31, or a time such as 10m, 12h or 30d"

    /// Of `90s`, `10m`, `12h`, `30d`; `nil` for anything else.
    static func seconds(_ text: String) -> Int? {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()),
            (1...1_000_000).contains(count)
        else { return nil }
        return count * unit
    }

    static func money(_ text: String?, option: String) throws -> Money? {
        guard let text else { return nil }
        guard let money = Money(dollars: text) else {
            throw ValidationError("--\(option): expected dollars, such as 12.50")
        }
        return money
    }

    static func day(_ text: String?, option: String) throws -> Int? {
        guard let text else { return nil }
        guard let day = UsageDate.day(text) else {
            throw ValidationError("--\(option): expected a date, such as 2026-11-29")
        }
        return day
    }
}
