/// Sound in the rhythm of speech: each syllable of a text is a tone that rises and fades.
///
/// 24 kHz, 16 bits, one channel, little-endian, as Gemini speaks.
struct Speech: Sendable {
    static let mimeType = "audio/L16;codec=pcm;rate=24000"
    static let sampleRate = 24000
    /// Gemini counts 25 tokens a second.
    static let tokensPerSecond = 25
    /// The longest that is spoken.
    static let maximumSeconds = 20
    private static let syllableSamples = sampleRate / 8
    private static let pauseSamples = sampleRate / 20
    /// Half a second goes into one part, so that streams have several events.
    private static let partSamples = sampleRate / 2

    /// Syllables of each word: groups of vowels, at least one.
    private let words: [Int]
    private let voices: [String]

    init(saying text: String, voices: [String]) {
        let maximumSyllables = Self.maximumSeconds * Self.sampleRate / (Self.syllableSamples + Self.pauseSamples)
        var words: [Int] = []
        var total = 0
        for word in text.split(whereSeparator: \.isWhitespace) where total < maximumSyllables {
            let count = min(Self.syllables(word), 8)
            words.append(count)
            total += count
        }
        self.words = words.isEmpty ? [1] : words
        self.voices = voices
    }

    private static func syllables(_ word: Substring) -> Int {
        var count = 0
        var wasVowel = false
        for character in word.lowercased() {
            let isVowel = "aeiouyäöüéèàáíóú".contains(character)
            if isVowel, !wasVowel { count += 1 }
            wasVowel = isVowel
        }
        return max(count, 1)
    }

    func parts(_ chance: inout Chance) -> [AnswerPart] {
        let bytes = pcm(&chance)
        return stride(from: 0, to: bytes.count, by: Self.partSamples * 2).map { start in
            let piece = Array(bytes[start..<min(start + Self.partSamples * 2, bytes.count)])
            let tokens = max(piece.count / 2 * Self.tokensPerSecond / Self.sampleRate, 1)
            return AnswerPart(
                content: .media(mimeType: Self.mimeType, base64: Base64.encoded(piece), tokens: tokens))
        }
    }

    func pcm(_ chance: inout Chance) -> [UInt8] {
        var bytes: [UInt8] = []
        for (index, syllables) in words.enumerated() {
            // Every voice has its own pitch; several take turns.
            let voice = voices.isEmpty ? "" : voices[index % voices.count]
            var hash = Hash()
            hash.add(voice)
            let base = 110 + Int(hash.value % 90)
            for _ in 0..<syllables { tone(frequency: base + chance.below(60), into: &bytes) }
            bytes.append(contentsOf: repeatElement(0, count: Self.pauseSamples * 2))
        }
        return bytes
    }

    /// A triangle wave, swelling and fading.
    private func tone(frequency: Int, into bytes: inout [UInt8]) {
        let period = Self.sampleRate / frequency
        for index in 0..<Self.syllableSamples {
            let phase = index % period
            let triangle = abs(phase * 4 - period * 2) - period
            let rise = min(index * 8, Self.syllableSamples)
            let loudness = 9000 * min(rise, Self.syllableSamples - index) / Self.syllableSamples
            let sample = UInt16(bitPattern: Int16(triangle * loudness / period))
            bytes.append(UInt8(truncatingIfNeeded: sample))
            bytes.append(UInt8(truncatingIfNeeded: sample >> 8))
        }
    }
}
