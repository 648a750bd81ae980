import PolluxTranslation

/// The translation of a streamed answer, while it lasts: an object, so that an exchange without one is small.
final class AnswerStream {
    var translator: StreamTranslator

    init(_ translator: StreamTranslator) { self.translator = translator }
}
