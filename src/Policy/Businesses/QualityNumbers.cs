namespace Actors.Policy.Businesses;

/// <summary>Section <c>Policy:Quality</c>.</summary>
public sealed record QualityNumbers
{
    /// <summary>After so long a delivery or signal counts half. Whole milliseconds, 1 hour to 30 days; default 48 hours.</summary>
    public TimeSpan HalfLife { get; init => field = Checked.Length("Policy:Quality:HalfLife", value, TimeSpan.FromHours(1), TimeSpan.FromDays(30)); } =
        TimeSpan.FromHours(48);

    /// <summary>Weight of a report, in tenths. 0 to 1,000; default 20.</summary>
    public int ReportTenths { get; init => field = Weight("ReportTenths", value); } = 20;

    /// <summary>Weight of a block, in tenths. 1 to 1,000, since distances are told in blocks; default 10.</summary>
    public int BlockTenths { get; init => field = Checked.Count("Policy:Quality:BlockTenths", value, 1, 1_000); } = 10;

    /// <summary>Weight of an opt-out or stop, in tenths. 0 to 1,000; default 1.</summary>
    public int OptOutTenths { get; init => field = Weight("OptOutTenths", value); } = 1;

    /// <summary>Weight of a not-interested, in tenths. 0 to 1,000; default 1.</summary>
    public int NotInterestedTenths { get; init => field = Weight("NotInterestedTenths", value); } = 1;

    /// <summary>Deliveries that everybody starts with, so that little evidence moves little. 1 to 1,000,000; default 200.</summary>
    public int PriorDelivered { get; init => field = Checked.Count("Policy:Quality:PriorDelivered", value, 1, 1_000_000); } = 200;

    /// <summary>Negative weight among a thousand of those deliveries. 0 to 100; default 5.</summary>
    public int PriorPerThousand { get; init => field = Checked.Count("Policy:Quality:PriorPerThousand", value, 0, 100); } = 5;

    /// <summary>Negative weight among a thousand deliveries at which the score has fallen to 100/e. 1 to 1,000; default 35.</summary>
    public int ScalePerThousand { get; init => field = Checked.Count("Policy:Quality:ScalePerThousand", value, 1, 1_000); } = 35;

    /// <summary>Green from this score on. 61 to 95; default 75.</summary>
    public int GreenFrom { get; init => field = Checked.Count("Policy:Quality:GreenFrom", value, 61, 95); } = 75;

    /// <summary>Yellow from this score on, red below. 1 to 60; default 50.</summary>
    public int YellowFrom { get; init => field = Checked.Count("Policy:Quality:YellowFrom", value, 1, 60); } = 50;

    /// <summary>Points above a band's edge that climbing into it takes. 0 to 20; default 5.</summary>
    public int ClimbPoints { get; init => field = Checked.Count("Policy:Quality:ClimbPoints", value, 0, 20); } = 5;

    /// <summary>Users delivered to in its life from which on there is a band. 1 to 1,000,000; default 50.</summary>
    public int KnownFrom { get; init => field = Checked.Count("Policy:Quality:KnownFrom", value, 1, 1_000_000); } = 50;

    /// <summary>Different users from which on a business is shown a kind of signal. 1 to 1,000; default 10.</summary>
    public int PrivacyFloor { get; init => field = Checked.Count("Policy:Quality:PrivacyFloor", value, 1, 1_000); } = 10;

    /// <summary>What a signal weighs, in tenths.</summary>
    public int TenthsOf(NegativeSignal signal) => signal switch
    {
        NegativeSignal.NotInterested => NotInterestedTenths,
        NegativeSignal.OptOut => OptOutTenths,
        NegativeSignal.Block => BlockTenths,
        NegativeSignal.Report => ReportTenths,
    };

    private static int Weight(string name, int value) => Checked.Count($"Policy:Quality:{name}", value, 0, 1_000);
}
