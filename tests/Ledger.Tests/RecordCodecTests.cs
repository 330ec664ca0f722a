using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Users;
using CsCheck;

namespace Actors.Ledger.Tests;

/// <summary>Records as bytes: small, read back as they were, and never read as something else.</summary>
public sealed partial class RecordCodecTests
{
    private static readonly byte[] Head = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    // Near a record's newest instant, before and after it, and anywhere.
    private static readonly Gen<Instant> Instants = Gen
        .OneOf(Gen.Long[1_780_000_000_000, 1_800_000_000_000], Gen.Long[0, 1_000], Gen.Long[0, 253_402_300_799_999])
        .Select(milliseconds => new Instant(milliseconds));

    private static readonly Gen<long> Businesses = Gen.OneOf(Gen.Long[1_000_000_000_000_000, 1_000_000_000_000_020], Gen.Long);

    private static readonly Gen<Consent> Consents = Gen.Select(Gen.Enum<ConsentStatus>(), Instants, Gen.Enum<ConsentSource>(), Gen.UInt)
        .Select(t => t.Item1 == ConsentStatus.None ? default : new Consent(t.Item1, t.Item2, t.Item3, t.Item4));

    private static readonly Gen<QualityTrail> Trails =
        from instants in Gen.OneOf(Gen.Const((Instant?)null), Instants.Select(at => (Instant?)at)).Array[3]
        from template in Gen.OneOf(Gen.Long[3_000_000_000_000_000, 3_000_000_000_000_300], Gen.Long)
        from counted in Gen.Select(Gen.OneOf(Gen.Long[3_000_000_000_000_000, 3_000_000_000_000_300], Gen.Long), Instants).Array[0, QualityTrail.CountedMax]
        from heaviest in Gen.Enum<NegativeSignal>()
        select new QualityTrail
        {
            DeliveredAt = instants[0],
            Template = instants[0] is null ? 0 : template,
            CountedAt = instants[1],
            Counted = [.. counted.Select(t => new CountedTemplate(t.Item1, t.Item2))],
            SignalsFrom = instants[2],
            Heaviest = instants[2] is null ? null : heaviest,
        };

    private static readonly Gen<Relation> Relations =
        from business in Businesses
        from consents in Consents.Array[3]
        from alike in Gen.Int[0, 4]
        from stop in Gen.Enum<MarketingStop>()
        from reason in Gen.Enum<ComplaintReason>()
        from instants in Gen.OneOf(Gen.Const((Instant?)null), Instants.Select(at => (Instant?)at)).Array[7]
        from byUser in Gen.Bool
        from undelivered in Gen.OneOf(Gen.Const(0), Gen.Int[0, int.MaxValue])
        from quality in Gen.OneOf(Gen.Const((QualityTrail?)null), Trails.Select(trail => (QualityTrail?)trail))
        select new Relation
        {
            Business = business,
            Utility = consents[0],
            Authentication = alike is 1 or 2 ? consents[0] : consents[1],
            Marketing = alike switch { 2 or 3 => consents[0], 4 => consents[1], _ => consents[2] },
            Stop = stop,
            BlockedAt = instants[0],
            BlockReason = instants[0] is null ? ComplaintReason.NoReason : reason,
            BlockedByBusinessAt = instants[1],
            WindowFrom = instants[2],
            PairRested = instants[3] ?? default,
            OpenedAt = instants[4],
            Undelivered = undelivered,
            Quality = quality,
            RestsUntil = instants[5],
            Turn = instants[6] is { } since ? new Turn(byUser, since) : null,
        };

    private static readonly Gen<QuietHours?> Quiet = Gen.OneOf(
        Gen.Const((QuietHours?)null),
        Gen.Select(Gen.Int[0, 1_439], Gen.Int[1, 1_439], Gen.OneOf(Gen.Const("UTC"), Gen.Const("America/Argentina/ComodRivadavia")))
            .Select(t => (QuietHours?)new QuietHours(t.Item1, (t.Item1 + t.Item2) % 1_440, t.Item3)));

    private static readonly Gen<Outcomes> Ended = Gen.Select(Gen.Int[0, Outcomes.Max], Gen.UInt)
        .Select(t => new Outcomes(t.Item1, t.Item2 & ((1u << t.Item1) - 1)));

    private static readonly Gen<UserState> States =
        from lastAt in Instants
        from messages in Gen.Long[0, 1_000_000]
        from entries in Gen.UInt
        from preferences in Gen.Select(Gen.Bool, Gen.Bool, Gen.OneOf(Gen.Const("de"), Gen.Const("pt-BR"), Gen.Const("")).Array[0, 3])
        from own in Gen.OneOf(Gen.Const((byte?)null), Gen.Byte.Select(number => (byte?)number))
        from quiet in Quiet
        from ended in Ended
        from open in Gen.Select(Gen.Long[0, 2_000_000], Instants).Array[0, UserState.OpenOutcomesMax]
        from relations in Relations.Array[0, 5]
        from receipts in Gen.Select(Businesses, Instants, Gen.Long[0, 2_000_000]).Array[0, UserState.ReceiptsMax]
        from keys in Gen.Select(Gen.ULong, Gen.ULong, Gen.Long[0, 1_000_000], Instants).Array[0, UserState.KeysMax]
        from dropped in Gen.OneOf(Gen.Const((Instant?)null), Instants.Select(at => (Instant?)at))
        from devices in Gen.Select(Gen.String[Gen.Char['!', '~'], 1, 36], Instants, Gen.Long[0, 2_000_000], Gen.Long[0, 2]).Array[0, UserState.DevicesMax]
        select new UserState
        {
            LastAt = lastAt,
            Messages = messages,
            ConsentEntries = entries,
            Preferences = new Preferences(preferences.Item1, preferences.Item2, [.. preferences.Item3]) { MarketingPerDay = own, QuietHours = quiet },
            Outcomes = ended,
            OpenOutcomes = [.. open.Select(t => new OpenOutcome(t.Item1, t.Item2))],
            Relations = [.. relations],
            Receipts = [.. receipts.Select(t => new Receipt(t.Item1, t.Item2, t.Item3))],
            Keys = [.. keys.Select(t => new KeyReceipt(t.Item1, t.Item2, t.Item3, t.Item4))],
            KeysDroppedAt = dropped,
            Devices = [.. devices.Select(t => new Device(t.Item1, t.Item2, t.Item3, t.Item4))],
        };

    [Fact]
    public void A_record_is_read_back_as_it_was_written() => Gen.Select(States, Gen.Bool).Sample(
        (state, hasHead) =>
        {
            ReadOnlySpan<byte> head = hasHead ? Head : [];
            var (decoded, decodedHead) = UserRecordCodec.Decode(UserRecordCodec.Encode(state, head));
            Assert.Equal(Text(state), Text(decoded));
            Assert.Equal(head, decodedHead.Span);
        },
        iter: 5_000);

    [Fact]
    public void A_user_with_three_businesses_and_two_receipts_is_stored_in_under_200_bytes() =>
        Assert.InRange(UserRecordCodec.Encode(TypicalOfVersion3(), Head).Length, 1, 199);

    [Fact]
    public void A_record_at_its_bounds_is_stored_in_about_1_000_bytes()
    {
        var state = Typical() with
        {
            Relations = [.. Enumerable.Range(0, 12).Select(i => Relation(i) with { Turn = new Turn(i % 2 == 0, Given.At(-3_600_000)) })],
            Receipts = [.. Enumerable.Range(0, UserState.ReceiptsMax).Select(i => new Receipt(Given.Business + (i % 12), Given.At(-i * 100_000L), 400 - i))],
            Keys = [.. Enumerable.Range(0, UserState.KeysMax).Select(i => new KeyReceipt(ulong.MaxValue - (ulong)i, 1UL << 63, 500 - i, Given.At(-i * 1_000)))],
            Devices = [.. Enumerable.Range(0, 2).Select(i => new Device($"c56a4180-65aa-42ec-a945-5fd21dec053{i}", Given.At(-i)))],
        };

        Assert.InRange(UserRecordCodec.Encode(state, Head).Length, 700, 1_100);
    }

    [Fact]
    public void Every_damaged_record_is_refused()
    {
        var record = UserRecordCodec.Encode(Typical(), Head);
        for (var i = 0; i < record.Length; i++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var damaged = record.ToArray();
                damaged[i] ^= (byte)(1 << bit);
                Assert.Throws<InvalidDataException>(() => UserRecordCodec.Decode(damaged));
            }

            Assert.Throws<InvalidDataException>(() => UserRecordCodec.Decode(record.AsSpan(0, i)));
        }

        Assert.Throws<InvalidDataException>(() => UserRecordCodec.Decode([.. record, 0]));
    }

    [Fact]
    public void Whatever_the_bytes_are_they_are_read_or_refused() => Gen.Byte.Array[0, 300].Sample(
        bytes =>
        {
            // Also behind a check value that fits: fields themselves must never be trusted.
            foreach (var candidate in new[] { bytes, TestCheck.Append([1, .. bytes]), TestCheck.Append([2, .. bytes]), TestCheck.Append([3, .. bytes]) })
            {
                try
                {
                    UserRecordCodec.Decode(candidate);
                }
                catch (InvalidDataException)
                {
                    // Refused, which is right.
                }
            }
        },
        iter: 20_000);

    [Fact]
    public void An_unknown_version_is_refused_and_says_so()
    {
        var record = UserRecordCodec.Encode(Typical(), Head);
        record[0] = 5;

        Assert.Contains("version 5", Assert.Throws<InvalidDataException>(() => UserRecordCodec.Decode(record)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("user-v1-empty")]
    [InlineData("user-v1-typical")]
    [InlineData("user-v1-everything")]
    [InlineData("user-v2-empty")]
    [InlineData("user-v2-typical")]
    [InlineData("user-v2-everything")]
    [InlineData("user-v2-marketing")]
    [InlineData("user-v3-empty")]
    [InlineData("user-v3-typical")]
    [InlineData("user-v3-everything")]
    [InlineData("user-v4-everything")]
    public void A_stored_record_of_an_older_program_is_still_read(string sample)
    {
        var state = sample[8..] switch
        {
            "empty" => UserState.Empty,
            "typical" => sample[6] == '3' ? TypicalOfVersion3() : Typical(),
            "marketing" => EverythingAboutMarketing(),
            _ => sample[6] switch { '1' => Everything(), '2' => EverythingOfVersion2(), '3' => EverythingOfVersion3(), _ => EverythingOfVersion4() },
        };
        ReadOnlySpan<byte> head = sample[8..] == "empty" ? [] : Head;

        var record = Convert.FromHexString(Sample(sample));

        var (decoded, decodedHead) = UserRecordCodec.Decode(record);
        Assert.Equal(Text(state), Text(decoded));
        Assert.Equal(head, decodedHead.Span);
        if (sample[6] is '3' or '4')
        {
            Assert.Equal(record, UserRecordCodec.Encode(state, head));
        }
    }

    [Fact]
    public void A_business_that_delivered_lately_costs_a_record_at_most_16_bytes()
    {
        var without = Typical();
        var quality = new QualityTrail
        {
            DeliveredAt = Given.At(-3_600_000),
            Template = 3_000_000_000_000_040,
            CountedAt = Given.At(-3_600_000),
            Counted = [new CountedTemplate(3_000_000_000_000_040, Given.At(-3_600_000))],
        };
        var with = without with { Relations = [.. without.Relations.Select(relation => relation with { Quality = quality })] };
        Assert.InRange(UserRecordCodec.Encode(with, Head).Length - UserRecordCodec.Encode(without, Head).Length, 1, 3 * 16);
        Assert.InRange(UserRecordCodec.Encode(with, Head).Length, 1, 199);
    }

    /// <summary>All fields, lists element by element.</summary>
    private static string Text(UserState state) => string.Join(
        '\n',
        [
            state with { Preferences = Preferences.Default, Relations = [], Receipts = [], Keys = [], Devices = [], OpenOutcomes = [] },
            state.Preferences with { Languages = [] },
            string.Join('|', state.Preferences.Languages),
            string.Join('|', state.Relations.Select(relation => relation with { Quality = null })),
            string.Join('|', state.Relations.Select(relation => relation.Quality is null ? "" : string.Join('/', relation.Quality.Counted))),
            string.Join('|', state.Relations.Select(relation => relation.Quality is null ? null : relation.Quality with { Counted = [] })),
            string.Join('|', state.Receipts),
            string.Join('|', state.Keys),
            string.Join('|', state.Devices),
            string.Join('|', state.OpenOutcomes),
        ]);
}
