import ArgumentParser
import PolluxLimits
import PolluxSecret
import PolluxStore

/// `pollux keys`: the keys of clients that the store holds. A running gateway knows of changes within a second.
struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make, list, show, change, rotate and revoke keys of clients.",
        subcommands: [Create.self, List.self, Show.self, Change.self, Rotate.self, Revoke.self]
    )

    /// Shows the text of a key, this once, and nothing else on standard output.
    ///
    /// - Throws: when it could not be shown: the store does not know it, so that it is lost.
    fileprivate static func show(_ text: Secret, of name: String, _ news: String) throws {
        Console.error("The key '\(name)' \(news). It is shown this once:")
        do throws(Failure) {
            try text.withText { text throws(Failure) in try Console.answer(text + "\n") }
        } catch {
            throw Failure("\(error). The key's text is lost; another one comes from: pollux keys rotate \(name)")
        }
    }
}

extension Keys {
    /// `pollux keys create NAME`
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a key; its text is shown this once.")

        @OptionGroup var options: StoreOptions

        @Argument(help: "The key's name in logs, metrics and usage; unique for ever.")
        var name: String

        @OptionGroup var members: KeyOptions

        func validate() throws { _ = try members.draft(of: name, now: ProcessEnvironment.now) }

        func run() async throws {
            let now = ProcessEnvironment.now
            let draft = try members.draft(of: name, now: now)
            let key = KeyText.new()
            let record = try await told {
                try await options.open(forKey: name).create(draft, digest: KeyText.digest(key), now: now)
            }
            try Keys.show(key, of: record.name, "is made")
        }
    }

    /// `pollux keys change NAME`
    struct Change: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change what a key may do; its text and what it has used stay.")

        @OptionGroup var options: StoreOptions

        @Argument(help: "The key's name.")
        var name: String

        @OptionGroup var members: KeyOptions

        @Option(
            name: .customLong("remove"),
            help: "What is taken away from it, such as rpm: then there is no such limit. Repeat for more.")
        var removed: [KeyMember] = []

        func validate() throws {
            let said = try said(now: ProcessEnvironment.now)
            if removed.isEmpty, said == KeyDraft(name: said.name) { throw ValidationError("What is to be changed?") }
        }

        func run() async throws {
            let now = ProcessEnvironment.now
            let said = try said(now: now)
            let removed = removed
            let record = try await told {
                try await options.open().change(name, now: now) { draft in
                    for member in removed { member.remove(from: &draft) }
                    draft.adopt(said)
                }
            }
            Console.error("The key '\(record.name)' is changed.")
        }

        /// What the key may do from now on, whatever its name is.
        private func said(now: Int) throws -> KeyDraft { try members.draft(of: "any", now: now) }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List keys.")

        @OptionGroup var options: StoreOptions

        @Flag(help: "As JSON, one key a line.")
        var json = false

        func run() async throws {
            let keys = try await told { try await options.open(.readOnly).keys() }
            let now = ProcessEnvironment.now
            if json { return try Console.answer(keys.map { $0.json(now: now) + "\n" }.joined()) }
            let rows = keys.map { key in
                [
                    key.name, key.owner ?? "", key.state(at: now).rawValue,
                    key.expires.map { Table.day(before: $0) } ?? "", key.models?.joined(separator: " ") ?? "any",
                    key.limits.words.joined(separator: ", "),
                ]
            }
            let table = Table.text(["NAME", "OWNER", "STATE", "EXPIRES", "MODELS", "LIMITS"], rows)
            try Console.answer(table + "\n")
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one key, without its text, as JSON.")

        @OptionGroup var options: StoreOptions

        @Argument(help: "The key's name.")
        var name: String

        func run() async throws {
            let key = try await told { try await options.open(.readOnly).key(named: name) }
            try Console.answer(key.json(now: ProcessEnvironment.now) + "\n")
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
            try Keys.show(key, of: record.name, "has another text")
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

extension KeyLimits {
    /// Each limit that there is, in a few words.
    fileprivate var words: [String] {
        [
            requestsPerMinute.map { "\($0) rpm" }, tokensPerMinute.map { "\($0) tpm" },
            concurrentRequests.map { "\($0) at a time" }, dailyMoney.map { "$\($0)/day" },
            monthlyMoney.map { "$\($0)/month" }, dailyTokens.map { "\($0) tokens/day" },
            monthlyTokens.map { "\($0) tokens/month" },
        ].compactMap(\.self)
    }
}
