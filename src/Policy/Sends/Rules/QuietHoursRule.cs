using System.Collections.Immutable;
using System.Globalization;

namespace Actors.Policy.Sends.Rules;

/// <summary>No marketing in the user's quiet hours, also not in a window.</summary>
internal sealed class QuietHoursRule : GateRule<SendCase>
{
    public override Rule Rule => Rule.QuietHours;

    public override Verdict Check(in SendCase send)
    {
        if (send.Command.Category != Category.Marketing || send.State.Preferences.QuietHours is not { } quiet)
        {
            return Verdict.NotApplicable;
        }

        var end = quiet.EndFrom(send.Now, send.OffsetAt);
        return end == send.Now ? Verdict.Pass : Verdict.Wait(Reason.QuietHours, end);
    }

    public override ImmutableArray<Fact> Facts(in SendCase send)
    {
        if (send.Command.Category != Category.Marketing || send.State.Preferences.QuietHours is not { } quiet)
        {
            return [];
        }

        // When it may send again is all that a business needs to know; where the user lives it doesn't.
        return
        [
            new("quiet_from", Time(quiet.Start), Public: false),
            new("quiet_until", Time(quiet.End), Public: false),
            new("time_zone", quiet.TimeZone, Public: false),
        ];
    }

    private static string Time(int minutes) => string.Create(CultureInfo.InvariantCulture, $"{minutes / 60:00}:{minutes % 60:00}");
}
