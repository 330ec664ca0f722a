using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Users;

namespace Actors.Ledger.Tests;

/// <summary>The records that the stored samples hold.</summary>
public sealed partial class RecordCodecTests
{
    private static Relation Relation(int i) => new()
    {
        Business = Given.Business + i,
        Utility = new Consent(ConsentStatus.Granted, Given.At(-40 * Instant.Day), ConsentSource.Website, 1),
        Authentication = new Consent(ConsentStatus.Granted, Given.At(-40 * Instant.Day), ConsentSource.Website, 1),
        Marketing = new Consent(ConsentStatus.Granted, Given.At(-3 * Instant.Day), ConsentSource.App, 2),
        WindowFrom = Given.At(-3_600_000),
        PairRested = Given.At(6_000),
        OpenedAt = Given.At(-Instant.Day),
        Undelivered = 2,
    };

    private static UserState Typical() => new()
    {
        LastAt = Given.At(),
        Messages = 412,
        ConsentEntries = 5,
        Relations = [Relation(0), Relation(1), Relation(2)],
        Receipts = [new Receipt(Given.Business, Given.At(-Instant.Day), 409), new Receipt(Given.Business + 2, Given.At(), 412)],
    };

    private static UserState Everything() => Typical() with
    {
        Preferences = new Preferences(false, false, ["de", "pt-BR"]),
        Relations =
        [
            Relation(0) with { Stop = MarketingStop.ByWord, BlockedAt = Given.At(-5), BlockReason = ComplaintReason.Other },
            new Relation
            {
                Business = Given.Business + 1_000,
                Utility = new Consent(ConsentStatus.WithdrawnByBusiness, Given.At(-1), ConsentSource.Other, uint.MaxValue),
                Authentication = new Consent(ConsentStatus.WithdrawnByUser, Given.At(-2), ConsentSource.Sms, 2),
                Marketing = new Consent(ConsentStatus.StoppedWhileNotGranted, Given.At(-3), ConsentSource.Message, 3),
                Stop = MarketingStop.ByCall,
                BlockedByBusinessAt = Given.At(-4),
                Undelivered = int.MaxValue,
            },
        ],
        Receipts = [new Receipt(77, Given.At(-7), 400)],
        Keys = [new KeyReceipt(ulong.MaxValue, 1, 411, Given.At(-9))],
        KeysDroppedAt = Given.At(-10),
        Devices = [new Device("phone-1", Given.At(-11)), new Device("tablet_2", Given.At(-12))],
    };

    private static UserState EverythingOfVersion2() => Everything() with
    {
        Relations =
        [
            Everything().Relations[0] with
            {
                Quality = new QualityTrail
                {
                    DeliveredAt = Given.At(-20),
                    Template = 3_000_000_000_000_040,
                    CountedAt = Given.At(-21),
                    Counted = [new CountedTemplate(3_000_000_000_000_041, Given.At(-22)), new CountedTemplate(long.MaxValue, Given.At(-23))],
                    SignalsFrom = Given.At(-19),
                    Heaviest = NegativeSignal.Report,
                },
            },
            Everything().Relations[1] with { Quality = new QualityTrail { SignalsFrom = Given.At(-24), Heaviest = NegativeSignal.NotInterested } },
        ],
    };

    private static UserState EverythingAboutMarketing() => EverythingOfVersion2() with
    {
        Preferences = new Preferences(true, true, []) { MarketingPerDay = 3, QuietHours = new QuietHours(1_320, 450, "Europe/Berlin") },
        Relations = [.. EverythingOfVersion2().Relations.Select(relation => relation with { RestsUntil = Given.At(7 * Instant.Day) })],
        Outcomes = new Outcomes(11, 0b101_1000_0001),
        OpenOutcomes = [new OpenOutcome(400, Given.At(-9)), new OpenOutcome(411, Given.At(-8))],
    };

    private static UserState TypicalOfVersion3() => Typical() with
    {
        Relations =
        [
            Relation(0) with { Turn = new Turn(ByUser: true, Given.At(-3_600_000)) },
            Relation(1) with { Turn = new Turn(ByUser: false, Given.At()) },
            Relation(2) with { Turn = new Turn(ByUser: true, Given.At(-3_700_000)) },
        ],
    };

    private static UserState EverythingOfVersion3() => EverythingAboutMarketing() with
    {
        Relations =
        [
            EverythingAboutMarketing().Relations[0] with { Turn = new Turn(ByUser: false, Given.At(-30)) },
            EverythingAboutMarketing().Relations[1] with { Turn = new Turn(ByUser: true, Given.At(-31)) },
            new Relation { Business = Given.Business + 2_000, Turn = new Turn(ByUser: false, Given.At(-32)) },
        ],
        Devices = [new Device("phone-1", Given.At(-11), 412), new Device("tablet_2", Given.At(-12), 3)],
    };

    private static UserState EverythingOfVersion4() => EverythingOfVersion3() with
    {
        Devices = [new Device("phone-1", Given.At(-11), 412, 411), new Device("tablet_2", Given.At(-12), 3)],
    };

    [Fact]
    public void Who_spoke_last_costs_a_business_at_most_5_bytes()
    {
        var with = UserRecordCodec.Encode(TypicalOfVersion3(), Head).Length;
        Assert.InRange(with - UserRecordCodec.Encode(Typical(), Head).Length, 1, 3 * 5);
    }

    internal static string Sample(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Samples", name + ".hex")).Trim();

    [Fact]
    public void What_became_of_a_users_marketing_costs_a_record_at_most_20_bytes()
    {
        OpenOutcome[] open = [new(409, Given.At(-Instant.Day + 1_000)), new(411, Given.At(-9_000))];
        var with = Typical() with { Outcomes = new Outcomes(20, 0xFFFFF), OpenOutcomes = [.. open] };
        Assert.InRange(UserRecordCodec.Encode(with, Head).Length - UserRecordCodec.Encode(Typical(), Head).Length, 1, 20);
    }
}
