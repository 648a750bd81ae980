/// The memory of ``ByteOutput``.
///
/// Invariant: `storage` is owned by this value alone (it cannot be copied) and holds `capacity` bytes, of
/// which the first `used` are initialised; every write goes through `reserve`, which makes room first.
/// With a capacity of 0 `storage` is `noMemory`, which is no memory: never touched, never given back.
/// Gain: see ``ByteOutput``.
extension ByteOutput {
    /// A place that is no place: nothing is read or written there.
    private static var noMemory: UnsafeMutablePointer<UInt8> {
        unsafe UnsafeMutablePointer(bitPattern: MemoryLayout<UInt8>.alignment).unsafelyUnwrapped
    }

    /// - Parameter minimumCapacity: bytes that fit before memory must grow; with 0 none is taken yet.
    public init(minimumCapacity: Int = 1024) {
        capacity = minimumCapacity == 0 ? 0 : max(minimumCapacity, 64)
        unsafe storage = capacity == 0 ? Self.noMemory : .allocate(capacity: capacity)
        used = 0
    }

    /// Whether a value written next needs a comma before it.
    @inlinable @inline(__always)
    var needsComma: Bool {
        guard used > 0 else { return false }
        switch unsafe storage[used &- 1] {
        case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: " "),
            UInt8(ascii: "\n"):
            return false
        default: return true
        }
    }

    /// Makes room for `more` bytes.
    @inlinable @inline(__always)
    public mutating func reserve(_ more: Int) {
        if used &+ more > capacity { grow(by: more) }
    }

    @usableFromInline @inline(never)
    mutating func grow(by more: Int) {
        let size = max(capacity * 2, used + more, 64)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
        unsafe larger.update(from: storage, count: used)
        if capacity > 0 { unsafe storage.deallocate() }
        unsafe storage = larger
        capacity = size
    }

    /// Gives memory back when one large answer made it outgrow `maximumCapacity`.
    public mutating func shrink(to maximumCapacity: Int) {
        guard capacity > maximumCapacity, used <= maximumCapacity else { return }
        let smaller = UnsafeMutablePointer<UInt8>.allocate(capacity: maximumCapacity)
        unsafe smaller.update(from: storage, count: used)
        unsafe storage.deallocate()
        unsafe storage = smaller
        capacity = maximumCapacity
    }

    @inlinable
    public subscript(index: Int) -> UInt8 {
        get {
            precondition(index >= 0 && index < used)
            return unsafe storage[index]
        }
        set {
            precondition(index >= 0 && index < used)
            unsafe storage[index] = newValue
        }
    }

    @inlinable @inline(__always)
    public mutating func append(_ byte: UInt8) {
        reserve(1)
        unsafe storage[used] = byte
        used &+= 1
    }

    @inlinable @inline(__always)
    public mutating func append(_ text: StaticString) {
        unsafe append(bytes: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @inlinable
    public mutating func append(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append(bytes: $0) }
    }

    @inlinable
    mutating func append(bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress else { return }
        reserve(bytes.count)
        unsafe Self.copy(start, to: storage + used, bytes.count)
        used &+= bytes.count
    }

    /// Most names and values are short: two words that overlap, instead of a call.
    @inlinable @inline(__always)
    static func copy(_ start: UnsafePointer<UInt8>, to end: UnsafeMutablePointer<UInt8>, _ count: Int) {
        let source = unsafe UnsafeRawPointer(start)
        let target = UnsafeMutableRawPointer(end)
        if count >= 8, count <= 16 {
            let head = unsafe source.loadUnaligned(as: UInt64.self)
            let tail = unsafe source.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
            unsafe target.storeBytes(of: head, as: UInt64.self)
            unsafe target.storeBytes(of: tail, toByteOffset: count &- 8, as: UInt64.self)
        } else if count >= 4, count < 8 {
            let head = unsafe source.loadUnaligned(as: UInt32.self)
            let tail = unsafe source.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
            unsafe target.storeBytes(of: head, as: UInt32.self)
            unsafe target.storeBytes(of: tail, toByteOffset: count &- 4, as: UInt32.self)
        } else {
            unsafe target.copyMemory(from: source, byteCount: count)
        }
    }

    /// Appends a whole number in decimal digits: from the last one on, two at a time, where they belong.
    public mutating func append(_ number: Int) {
        if number < 0 { append(UInt8(ascii: "-")) }
        var rest = number.magnitude
        if rest < 10 { return append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest)) }
        reserve(20)
        var count = 2
        var bound: UInt = 100
        // What is largest has 19 digits, and the bound above it fits.
        while rest >= bound {
            count &+= 1
            bound &*= 10
        }
        used &+= count
        var end = unsafe storage + used
        while rest >= 10 {
            let (hundreds, pair) = rest.quotientAndRemainder(dividingBy: 100)
            unsafe end -= 2
            let digits = unsafe UnsafeRawPointer(Self.pairs.utf8Start + Int(2 &* pair))
            unsafe UnsafeMutableRawPointer(end).storeBytes(of: digits.loadUnaligned(as: UInt16.self), as: UInt16.self)
            rest = hundreds
        }
        if count & 1 == 1 { unsafe (end - 1).pointee = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest) }
    }

    /// All numbers of two digits.
    private static let pairs: StaticString = """
        0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
        5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
        """

    /// Appends `"name":`, with a comma before it where one belongs.
    ///
    /// Inlined, because what is known of a literal makes it a few stores.
    @inlinable @inline(__always)
    public mutating func appendKey(_ name: StaticString) {
        let count = name.utf8CodeUnitCount
        reserve(count &+ 4)
        var at = used
        if needsComma {
            unsafe storage[at] = UInt8(ascii: ",")
            at &+= 1
        }
        unsafe storage[at] = UInt8(ascii: "\"")
        unsafe Self.copy(name.utf8Start, to: storage + (at &+ 1), count)
        at &+= count &+ 1
        unsafe storage[at] = UInt8(ascii: "\"")
        unsafe storage[at &+ 1] = UInt8(ascii: ":")
        used = at &+ 2
    }

    /// Takes back everything behind the first `count` bytes.
    public mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= used)
        used = count
    }

    /// The bytes written so far.
    @inlinable
    public var span: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let bytes = unsafe UnsafeBufferPointer(start: storage, count: used)
            return unsafe _overrideLifetime(Span(_unsafeElements: bytes), borrowing: self)
        }
    }
}
