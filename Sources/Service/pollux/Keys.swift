import ArgumentParser
import PolluxLimits
import PolluxSecret
import PolluxStore

/// `pollux keys`: the keys of clients that the store holds. A running gateway knows of changes within a second.
struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make, list, show, rotate and revoke keys of clients.",
        subcommands: [Create.self, List.self, Show.self, Rotate.self, Revoke.self]
    )
}

extension Keys {
    /// `pollux keys create NAME`: prints the key, this once, and nothing else on standard output.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a key; its text is shown this once.")

        @OptionGroup var options: StoreOptions

        @Argument(help: "The key's name in logs, metrics and usage; unique for ever.")
        var name: String

        @Option(help: "Whose it is, in your own words.")
        var owner: String?

        @Option(name: .customLong("model"), help: "A model it may use; '*' stands for any characters. Repeat for more.")
        var models: [String] = []

        @Option(name: .customLong("project"), help: "A project it may name. Repeat for more.")
        var projects: [String] = []

        @Option(help: "Requests per minute.")
        var rpm: Int?

        @Option(help: "Tokens per minute.")
        var tpm: Int?

        @Option(help: "Requests at a time.")
        var concurrent: Int?

        @Option(help: "Dollars a day (UTC).")
        var budgetDay: String?

        @Option(help: "Dollars a month (UTC).")
        var budgetMonth: String?

        @Option(help: "Tokens a day (UTC).")
        var budgetDayTokens: Int?

        @Option(help: "Tokens a month (UTC).")
        var budgetMonthTokens: Int?

        @Option(help: "The last day on which it is taken, such as 2026-12-31, or for how long: 12h, 30d.")
        var expires: String?

        func validate() throws { _ = try draft(now: 0) }

        func run() async throws {
            let now = ProcessEnvironment.now
            let draft = try draft(now: now)
            let key = KeyText.new()
            let record = try await told {
                try await options.open(forKey: name).create(draft, digest: KeyText.digest(key), now: now)
            }
            Console.error("The key '\(record.name)' is made. It is shown this once:")
            key.withText { Console.print($0) }
        }

        private func draft(now: Int) throws -> KeyDraft {
            var draft = KeyDraft(name: name)
            draft.owner = owner
            draft.models = models.isEmpty ? nil : models
            draft.projects = projects.isEmpty ? nil : projects
            draft.limits.requestsPerMinute = rpm
            draft.limits.tokensPerMinute = tpm
            draft.limits.concurrentRequests = concurrent
            draft.limits.dailyMoney = try CommandValue.money(budgetDay, option: "budget-day")
            draft.limits.monthlyMoney = try CommandValue.money(budgetMonth, option: "budget-month")
            draft.limits.dailyTokens = budgetDayTokens
            draft.limits.monthlyTokens = budgetMonthTokens
            draft.expires = try expires.map { try CommandValue.moment($0, option: "expires", now: now) }
            return draft
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List keys.")

        @OptionGroup var options: StoreOptions

        @Flag(help: "As JSON, one key a line.")
        var json = false

        func run() async throws {
            let keys = try await told { try await options.open(.readOnly).keys() }
            let now = ProcessEnvironment.now
            if json { return keys.forEach { Console.print($0.json(now: now)) } }
            Console.print(
                Table.text(
                    ["NAME", "OWNER", "STATE", "EXPIRES", "MODELS", "RPM", "TPM", "$/DAY", "$/MONTH"],
                    keys.map { key in
                        [
                            key.name, key.owner ?? "", key.state(at: now).rawValue,
                            key.expires.map { Table.day(before: $0) } ?? "",
                            key.models?.joined(separator: " ") ?? "any",
                            Table.number(key.limits.requestsPerMinute), Table.number(key.limits.tokensPerMinute),
                            key.limits.dailyMoney?.description ?? "", key.limits.monthlyMoney?.description ?? "",
                        ]
                    }, rightAlignedFrom: 5))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one key, without its text, as JSON.")

        @OptionGroup var options: StoreOptions

        @Argument(help: "The key's name.")
        var name: String

        func run() async throws {
            let key = try await told { try await options.open(.readOnly).key(named: name) }
            Console.print(key.json(now: ProcessEnvironment.now))
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a key another text, which is shown this once; its limits and usage stay.")

        @OptionGroup var options: StoreOptions

        @Argument(help: "The key's name.")
        var name: String

        @Option(help: "How long the old text is taken, too, such as 10m or 12h; else not at all.")
        var grace: String?

        func validate() throws { _ = try grace.map { try CommandValue.duration($0, option: "grace") } }

        func run() async throws {
            let end = try grace.map { ProcessEnvironment.now + (try CommandValue.duration($0, option: "grace")) }
            let key = KeyText.new()
            let record = try await told {
                try await options.open().rotate(name, digest: KeyText.digest(key), graceEnd: end)
            }
            Console.error("The key '\(record.name)' has another text. It is shown this once:")
            key.withText { Console.print($0) }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take a key no longer; for good.")

        @OptionGroup var options: StoreOptions

        @Argument(help: "The key's name.")
        var name: String

        func run() async throws {
            let record = try await told { try await options.open().revoke(name, now: ProcessEnvironment.now) }
            Console.error("The key '\(record.name)' is revoked.")
        }
    }
}

/// Does something with a store; what goes wrong is told in one line.
func told<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
        return try await body()
    } catch let error as StoreError {
        throw Failure(error.description)
    }
}
