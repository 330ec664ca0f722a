using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Actors.Ledger;

/// <summary>Writes stored bytes: varints (seven bits a byte, low ones first), zigzag for what may be negative, UTF-8 with its length before it.</summary>
internal ref struct ByteWriter : IDisposable
{
    private byte[] _buffer;
    private int _length;

    public ByteWriter() => _buffer = ArrayPool<byte>.Shared.Rent(1_024);

    public readonly ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    public void Byte(byte value) => Reserve(1)[0] = value;

    public void Raw(scoped ReadOnlySpan<byte> value) => value.CopyTo(Reserve(value.Length));

    public void Varint(ulong value)
    {
        var span = Room(10);
        var n = 0;
        while (value >= 0x80)
        {
            span[n++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[n++] = (byte)value;
        _length += n;
    }

    public void Signed(long value) => Varint((ulong)(value << 1) ^ (ulong)(value >> 63));

    public void Fixed32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);

    public void Fixed64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);

    public void Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Varint((ulong)length);
        Encoding.UTF8.GetBytes(value, Reserve(length));
    }

    public readonly void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private Span<byte> Reserve(int count)
    {
        var span = Room(count)[..count];
        _length += count;
        return span;
    }

    private Span<byte> Room(int count)
    {
        if (_buffer.Length - _length < count)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + count));
            Written.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        return _buffer.AsSpan(_length);
    }
}

/// <summary>Reads what <see cref="ByteWriter"/> wrote. Whatever doesn't fit throws <see cref="InvalidDataException"/>, without saying what was read.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly int Left => _rest.Length;

    public byte Byte() => Raw(1)[0];

    public ReadOnlySpan<byte> Raw(int count)
    {
        if (count > _rest.Length)
        {
            throw new InvalidDataException("Stored bytes end too early.");
        }

        var value = _rest[..count];
        _rest = _rest[count..];
        return value;
    }

    public ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = Byte();
            if (shift == 63 && next > 1)
            {
                break;
            }

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("A stored number is too long.");
    }

    public long Signed()
    {
        var value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>A varint of 0 to <paramref name="max"/>.</summary>
    public long UpTo(long max)
    {
        var value = Varint();
        return value <= (ulong)max ? (long)value : throw new InvalidDataException("A stored number is out of range.");
    }

    /// <summary>How many items follow, each of at least one byte.</summary>
    public int Count() => (int)UpTo(Left);

    public ulong Fixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Raw(8));

    public string Text()
    {
        try
        {
            return StrictUtf8.GetString(Raw((int)UpTo(Left)));
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidDataException("A stored text is not UTF-8.");
        }
    }

    public readonly void End()
    {
        if (Left != 0)
        {
            throw new InvalidDataException("Stored bytes go on behind their end.");
        }
    }
}
