import PolluxSecret

/// Text of others (a token endpoint, a program) made fit for our messages (CRED-010).
enum PublicText {
    /// Characters of foreign text that a message may hold.
    static let maximumLength = 300
    static let hidden = "<secret>"
    /// Shorter ones are not looked for: they would be found within ordinary words.
    static let minimumSecretBytes = 6
    /// How secrets of Google's begin: JWTs, refresh tokens, client secrets; or what is in no other word:
    /// access tokens, API keys.
    private static let secretPrefixes = ["eyJ", "1//", "GOCSPX-"]
    private static let secretMarks = ["ya29.", "AIza"]

    /// `text` on one line, cut to ``maximumLength``, without `secrets` and without what looks like one.
    static func clean(_ text: String, hiding secrets: [Secret] = []) -> String {
        var result = text
        for secret in secrets {
            result = secret.withText { secret in
                secret.utf8.count < minimumSecretBytes ? result : result.replacing(secret, with: hidden)
            }
        }
        result = hidingLookalikes(result)
        if result.count > maximumLength { result = result.prefix(maximumLength) + "…" }
        return result
    }

    /// Hides each word behind `Bearer` and each word that looks like a secret; control characters
    /// become spaces.
    private static func hidingLookalikes(_ text: String) -> String {
        var result = ""
        var word = ""
        var previousWord = ""
        func endWord() {
            guard !word.isEmpty else { return }
            let isSecret =
                previousWord.lowercased() == "bearer" || secretPrefixes.contains { word.hasPrefix($0) }
                || secretMarks.contains { word.contains($0) }
            result += isSecret ? hidden : word
            previousWord = word
            word = ""
        }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", ".", "_", "~", "+", "/", "-":
                word.unicodeScalars.append(scalar)
            default:
                endWord()
                let isControl = scalar.properties.generalCategory == .control
                result.unicodeScalars.append(isControl ? " " : scalar)
            }
        }
        endWord()
        return result
    }
}
