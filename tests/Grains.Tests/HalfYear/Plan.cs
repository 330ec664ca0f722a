using Actors.Policy;

namespace Actors.Grains.Tests.HalfYear;

/// <summary>What becomes of messages, as parts of the users delivered to.</summary>
internal readonly record struct Reception(double Blocks, double Reports, double Stops, double NotInterested)
{
    public static Reception Good { get; } = new(0.002, 0.0002, 0.005, 0.003);

    public static Reception Average { get; } = new(0.004, 0.0005, 0.008, 0.004);

    public static Reception Spam { get; } = new(0.2, 0, 0.02, 0.01);
}

/// <summary>How a business behaves. Days count from 0.</summary>
internal class Plan(string name)
{
    public string Name => name;

    /// <summary>Users whom it wants to reach on a day.</summary>
    public required Func<int, int> Users { get; init; }

    public required Func<Platform, Reception> Reception { get; init; }

    /// <summary>How often a day it sends.</summary>
    public int Waves { get; init; } = 4;

    /// <summary>Users who are written to again and again; 0 where each message goes to somebody new.</summary>
    public int Regulars { get; init; }

    /// <summary>The part of the users who write first.</summary>
    public double Writers { get; init; } = 0.02;

    /// <summary>Whether it sends utility where its marketing is restricted.</summary>
    public bool Evades { get; init; }

    /// <summary>When it is verified; null for never.</summary>
    public int? VerifiedOn { get; init; }

    /// <summary>What operators and the business do at noon.</summary>
    public virtual void Noon(Platform platform, int day, Instant now)
    {
    }
}

/// <summary>250 a day. Locked, it appeals with success, goes on as before, is locked and let out again, and has learnt.</summary>
internal sealed class SmallSpammer() : Plan("small spammer")
{
    private int _lockedFor;
    private bool _hasAppealed;

    public bool HasReformed { get; private set; }

    public override void Noon(Platform platform, int day, Instant now)
    {
        var strikes = platform.Enforcement.Strikes;
        if (strikes.Length >= 3 && strikes[2].Appeal is null)
        {
            platform.Appeal(3, now);
        }
        else if (strikes.Length >= 3 && strikes[2].Appeal is { DecidedAt: null })
        {
            platform.Decide(3, reversed: false, now);
        }

        _lockedFor = platform.StandingAt(now).Restriction == Policy.Businesses.Restriction.Locked ? _lockedFor + 1 : 0;
        switch (_lockedFor)
        {
            case 5 when !_hasAppealed:
                platform.Appeal(5, now);
                break;
            case 10 when !_hasAppealed:
                platform.Decide(5, reversed: true, now);
                _hasAppealed = true;
                break;
            case 10:
                platform.Unlock(now);
                HasReformed = true;
                break;
        }
    }
}

/// <summary>Good until it may reach many, then twelve thousand a day. Locked, it loses its appeal, is let out by an operator, and has learnt.</summary>
internal sealed class LargeSpammer() : Plan("large spammer")
{
    private int _lockedFor;

    public bool HasReformed { get; private set; }

    public override void Noon(Platform platform, int day, Instant now)
    {
        _lockedFor = platform.StandingAt(now).Restriction == Policy.Businesses.Restriction.Locked ? _lockedFor + 1 : 0;
        switch (_lockedFor)
        {
            case 2:
                platform.Appeal(platform.Enforcement.Strikes.Length, now);
                break;
            case 7:
                platform.Decide(platform.Enforcement.Strikes.Length, reversed: false, now);
                break;
            case 14:
                platform.Unlock(now);
                HasReformed = true;
                break;
        }
    }
}
