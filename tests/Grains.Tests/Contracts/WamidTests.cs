using System.Security.Cryptography;
using Actors.Contracts;
using CsCheck;

namespace Actors.Grains.Tests.Contracts;

public sealed class WamidTests : IDisposable
{
    private const long UserMax = 999_999_999_999_999;
    private const long MessageMax = (1L << 48) - 1;
    private readonly Wamid _wamid = new(Key(1));

    public void Dispose() => _wamid.Dispose();

    [Fact]
    public void An_id_leads_back_to_its_message() => Gen.Select(Gen.Long[0, UserMax], Gen.Long[1, MessageMax]).Sample((user, message) =>
    {
        var id = _wamid.Encode(user, message);
        Assert.StartsWith("wamid.", id, StringComparison.Ordinal);
        Assert.True(_wamid.TryDecode(id, out var gotUser, out var gotMessage));
        Assert.Equal((user, message), (gotUser, gotMessage));
    });

    [Theory]
    [InlineData(0, 1)]
    [InlineData(UserMax, 1)]
    [InlineData(0, MessageMax)]
    [InlineData(UserMax, MessageMax)]
    public void The_bounds_are_within(long user, long message)
    {
        Assert.True(_wamid.TryDecode(_wamid.Encode(user, message), out var gotUser, out var gotMessage));
        Assert.Equal((user, message), (gotUser, gotMessage));
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(UserMax + 1, 1)]
    [InlineData(1, 0)]
    [InlineData(1, -1)]
    [InlineData(1, MessageMax + 1)]
    public void Beyond_the_bounds_there_is_no_id(long user, long message) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _wamid.Encode(user, message));

    [Fact]
    public void Neither_the_user_nor_the_number_can_be_read_in_an_id()
    {
        var first = _wamid.Encode(4_915_112_345_678, 1);
        var second = _wamid.Encode(4_915_112_345_678, 2);
        var other = _wamid.Encode(4_915_112_345_679, 1);
        Assert.DoesNotContain("4915112345678", first, StringComparison.Ordinal);
        Assert.True(Alike(first, second) < 16 && Alike(first, other) < 16, "neighbours look alike");

        static int Alike(string a, string b) => a.Skip(6).Zip(b.Skip(6)).Count(p => p.First == p.Second);
    }

    [Fact]
    public void A_changed_id_leads_nowhere() => Gen.Select(Gen.Long[0, UserMax], Gen.Long[1, MessageMax], Gen.Int[6, 37], Gen.Int[1, 15]).Sample(
        (user, message, place, by) =>
        {
            var id = _wamid.Encode(user, message).ToCharArray();
            id[place] = "0123456789ABCDEF"[(Convert.ToInt32(id[place].ToString(), 16) + by) % 16];
            Assert.False(_wamid.TryDecode(new string(id), out _, out _));
        });

    [Fact]
    public void A_made_up_id_leads_nowhere() => Gen.Byte.Array[16].Sample(
        bytes => Assert.False(_wamid.TryDecode("wamid." + Convert.ToHexString(bytes), out _, out _)), iter: 20_000);

    [Fact]
    public void An_id_of_another_installation_leads_nowhere()
    {
        using var other = new Wamid(Key(2));
        Gen.Long[1, MessageMax].Sample(message => Assert.False(_wamid.TryDecode(other.Encode(4_915_112_345_678, message), out _, out _)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("wamid.")]
    [InlineData("wamid.00")]
    [InlineData("WAMID.00000000000000000000000000000000")]
    [InlineData("wamid.0000000000000000000000000000000G")]
    [InlineData("wamid.000000000000000000000000000000000")]
    public void What_is_no_id_leads_nowhere(string? id) => Assert.False(_wamid.TryDecode(id, out _, out _));

    [Fact]
    public void Digits_of_other_scripts_are_no_digits() => Assert.False(_wamid.TryDecode("wamid." + new string('\u0660', 32), out _, out _));

    [Fact]
    public void A_message_has_one_id_only()
    {
        var id = _wamid.Encode(4_915_112_345_678, 0xABCDEF);
        Assert.False(_wamid.TryDecode("wamid." + id[6..].ToLowerInvariant(), out _, out _));
    }

    [Fact]
    public void Many_threads_may_use_it_at_once() => Parallel.For(1, 20_000, message =>
    {
        Assert.True(_wamid.TryDecode(_wamid.Encode(message * 7L, message), out var user, out var got));
        Assert.Equal((message * 7L, (long)message), (user, got));
    });

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_key_of_another_length_is_refused(int length) => Assert.Throws<ArgumentOutOfRangeException>(() => new Wamid(new byte[length]));

    private static byte[] Key(byte seed) => SHA256.HashData([seed]);
}
