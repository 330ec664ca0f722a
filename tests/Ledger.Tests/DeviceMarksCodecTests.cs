using System.Collections.Immutable;
using Actors.Policy.Users;
using CsCheck;

namespace Actors.Ledger.Tests;

/// <summary>What devices said of a message, as bytes.</summary>
public sealed class DeviceMarksCodecTests
{
    private static readonly ImmutableArray<DeviceMark> Two = [new("phone-1", Given.At(-11), Given.At(-10)), new("tablet_2", Given.At(-12), null)];

    [Fact]
    public void Marks_are_read_back_as_they_were_written() =>
        Gen.Select(Gen.String[Gen.Char['!', '~'], 1, 36], Gen.Long[0, 2_000_000_000_000], Gen.Long[-1, 100_000_000_000]).Array[0, DeviceMarks.Max]
            .Select(marks => marks.Select(t => new DeviceMark(t.Item1, new(t.Item2), t.Item3 < 0 ? null : new(t.Item2 + t.Item3))).ToImmutableArray())
            .Sample(marks => Assert.Equal(marks, DeviceMarksCodec.Decode(DeviceMarksCodec.Encode(marks))));

    [Fact]
    public void Stored_marks_of_an_older_program_are_still_read()
    {
        var stored = Convert.FromHexString(RecordCodecTests.Sample("devices-v1"));
        Assert.Equal(Two, DeviceMarksCodec.Decode(stored));
        Assert.Equal(stored, DeviceMarksCodec.Encode(Two));
    }

    [Fact]
    public void One_device_costs_a_message_about_16_bytes() => Assert.InRange(DeviceMarksCodec.Encode([Two[0]]).Length, 1, 20);

    [Fact]
    public void Whatever_the_bytes_are_they_are_read_or_refused() => Gen.Byte.Array[0, 60].Sample(bytes =>
    {
        try
        {
            DeviceMarksCodec.Decode(bytes);
        }
        catch (InvalidDataException)
        {
            // Refused, which is right.
        }
    });

    [Fact]
    public void An_unknown_version_is_refused_and_says_so() => Assert.Contains(
        "version 2", Assert.Throws<InvalidDataException>(() => DeviceMarksCodec.Decode([2, 0])).Message, StringComparison.Ordinal);
}
