public import PolluxJSON

/// What happened to one field on its way.
public struct TranslationNote: Sendable, Equatable {
    public enum Fate: String, Sendable {
        /// Carried over under another name, with its meaning whole.
        case mapped
        /// Carried over with another value or in another form.
        case changed
        /// Accepted and without effect.
        case ignored
        /// Was broken and was mended.
        case repaired
    }

    public var fate: Fate
    /// Where it stood: `messages[2].content[0].image_url.detail`.
    public var path: String
    /// The rule by which it happened: `MM-016`.
    public var rule: String
    /// What happened, in a few words.
    public var detail: String

    /// Writes `{"detail":…,"fate":…,"path":…,"rule":…}`.
    public func write(into writer: inout JSONWriter) {
        writer.beginObject()
        if !detail.isEmpty {
            writer.member("detail", detail)
        }
        writer.member("fate", fate.rawValue)
        writer.member("path", path)
        writer.member("rule", rule)
        writer.endObject()
    }

    /// Whether something the client asked for is not in the result.
    public var isLoss: Bool { fate == .ignored }
}

/// Collects notes when somebody asked for them, and costs a branch when nobody did.
public struct NoteTaker: Sendable {
    public let isOn: Bool
    public private(set) var notes: [TranslationNote] = []

    /// Takes no notes.
    public static var off: NoteTaker { NoteTaker(isOn: false) }

    public init(isOn: Bool) { self.isOn = isOn }

    public mutating func note(
        _ fate: TranslationNote.Fate,
        _ path: @autoclosure () -> String,
        rule: StaticString,
        _ detail: @autoclosure () -> String = ""
    ) {
        guard isOn else { return }
        notes.append(
            TranslationNote(fate: fate, path: path(), rule: String(describing: rule), detail: detail())
        )
    }
}
