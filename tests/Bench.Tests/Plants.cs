using Actors.Bench.Scenarios;

namespace Actors.Bench.Tests;

/// <summary>A lie put into a true history.</summary>
/// <param name="History">What is told now.</param>
/// <param name="Guarantee">What doesn't hold in it.</param>
/// <param name="Messages">The messages that the checker has to name, and no other.</param>
internal sealed record Planted(History History, string Guarantee, params string[] Messages);

/// <summary>One way each in which a platform could break its word. Null where the history has no place for it.</summary>
internal static class Plants
{
    private const string New = "wamid.planted";

    public static IReadOnlyDictionary<string, Func<History, Planted?>> All { get; } = new Dictionary<string, Func<History, Planted?>>
    {
        ["an accepted send is lost"] = history => Alone(history) is { } line ? new(Without(history, line), "G1", line.Message!) : null,
        ["an accepted send is in the log twice"] = history => new(With(history, Utility(history)), "G1", Utility(history).Message!),
        ["a message that nobody asked for"] = history => Closed(history) is { } line ? new(With(history, line with { Message = New }), "G1", New) : null,
        ["a message whose send was refused"] = history =>
            Edit(history, Once(history), send => send with { Wamid = null, Outcome = Outcome.Refused, IsOpen = false }, "G1"),
        ["two sends with each other's message"] = Swapped,
        ["one message for two sends"] = history =>
        {
            var (send, copy) = (Once(history), Copy.Of(Once(history)) with { Key = 0 });
            return new(history with { Sends = [.. history.Sends, copy.Send()] }, "G1", send.Wamid!);
        },
        ["a second message of one business within the day"] = history => LastCounted(history) is { } line
            ? new(Asked(history, line with { Message = New }), "G2", New)
            : null,
        ["one user more than the messaging limit"] = OneTooMany,
        ["an opt-out that was answered"] = history => BeforeLast(history, ActKind.OptOut),
        ["a stop that was answered"] = history => BeforeLast(history, ActKind.Stop),
        ["a STOP word that was answered"] = history => BeforeLast(history, ActKind.StopWord),
        ["a block that was answered"] = history => BeforeLast(history, ActKind.Block),
        ["a business's own opt-out for a user"] = history => BeforeLast(history, ActKind.OptOutByBusiness),
        ["an opt-out that the log has before the message"] = history => LoggedBeforeLast(history, LineKind.OptedOut),
        ["a stop that the log has before the message"] = history => LoggedBeforeLast(history, LineKind.Stopped),
        ["a window that nobody opened"] = history => Windowless(history) is { } line
            ? new(Replace(history, line, line with { InWindow = true }), "G3", line.Message!)
            : null,
        ["a repeated send gets another message"] = history => Repeat(history, 0) is { } again
            ? new(With(Replace(history, again, Copy.Of(again) with { Wamid = New }), LineOf(history, again) with { Message = New }), "G5", New)
            : null,
        ["a lost answer becomes a second message"] = history =>
            new(With(history, Utility(history) with { Message = New }) with { Keys = Plus(history, KeyOf(history, Utility(history))) }, "G5", New),
        ["two messages for a send without an answer"] = history => Unanswered(history) is { } line
            ? new(With(history, line with { Message = New }) with { Keys = Plus(history, history.Keys[line.Message!]) }, "G5", New)
            : null,
        ["a used key is accepted with another body"] = history => Repeat(history, 1) is { } again
            ? new(Replace(history, again, Copy.Of(again) with { Outcome = Outcome.Done, Wamid = Original(history, again) }), "G5", Original(history, again))
            : null,
        ["a status twice"] = history => Line(history, LineKind.Delivered) is { } line ? new(With(history, line), "G7", line.Message!) : null,
        ["a status backwards"] = history => Line(history, LineKind.Read) is { } line
            ? new(With(history, line with { Kind = LineKind.Delivered }), "G7", line.Message!)
            : null,
        ["read before it was delivered"] = history => Line(history, LineKind.Read) is { } line
            ? new(Without(history, history.Log.First(other => other.Message == line.Message && other.Kind == LineKind.Delivered)), "G7", line.Message!)
            : null,
        ["delivered after it had expired"] = history => Line(history, LineKind.Expired) is { } line
            ? new(With(history, line with { Kind = LineKind.Delivered }), "G7", line.Message!)
            : null,
        ["expired although it was delivered"] = history => Line(history, LineKind.Delivered) is { } line
            ? new(With(history, line with { Kind = LineKind.Expired }), "G7", line.Message!)
            : null,
        ["a status of a message that was never accepted"] = history => Line(history, LineKind.Delivered) is { } line
            ? new(With(history, line with { Message = New }), "G7", New)
            : null,
        ["a device's report is lost"] = history =>
            history.Acts.LastOrDefault(act => act.Kind == ActKind.Read) is { } act
                ? new(Without(history, history.Log.Last(line => line.Message == act.Message && line.Kind == LineKind.Read)), "G7", act.Message!)
                : null,
    };

    private static Planted? Swapped(History history)
    {
        var sends = OnlyOnce(history, Topics.Utility);
        var (one, other) = (sends[0], sends.First(send => send.User != sends[0].User));
        var swapped = Replace(Replace(history, one, Copy.Of(one) with { Wamid = other.Wamid }), other, Copy.Of(other) with { Wamid = one.Wamid });
        return new(swapped, "G1", one.Wamid!, other.Wamid!);
    }

    /// <summary>The limit was one less than what was used of it at most.</summary>
    private static Planted? OneTooMany(History history)
    {
        var business = history.Senders[0].Id;
        var openings = new List<LogLine>();
        var sends = history.Log.Where(line => line is { Kind: LineKind.Accepted, InWindow: false } && line.Business == business);
        foreach (var line in sends.OrderBy(line => line.At))
        {
            if (!openings.Exists(other => other.User == line.User && other.At > line.At - History.Day))
            {
                openings.Add(line);
            }
        }

        var used = openings.ConvertAll(line => openings.Count(other => other.At <= line.At && other.At > line.At - History.Day));
        var most = used.DefaultIfEmpty().Max();
        return most < 2 || openings.Select(line => line.At).Distinct().Count() < openings.Count ? null : new(
            history with { Senders = [.. history.Senders.Select(sender => sender.Id == business ? sender with { Limit = most - 1 } : sender)] },
            "G6",
            [.. openings.Where((_, place) => used[place] == most).Select(line => line.Message!)]);
    }

    private static Planted? BeforeLast(History history, ActKind kind)
    {
        if (LastOfPair(history) is not { } send)
        {
            return null;
        }

        var act = new Act { Kind = kind, Business = send.Business, User = send.User, Outcome = Outcome.Done, Began = send.Began - 2, Ended = send.Began - 1 };
        return new(history with { Acts = [.. history.Acts, act] }, "G3", send.Wamid!);
    }

    private static Planted? LoggedBeforeLast(History history, LineKind kind)
    {
        if (LastOfPair(history) is not { } send)
        {
            return null;
        }

        var line = LineOf(history, send);
        var before = line with { Seq = line.Seq - 1, Kind = kind, Message = null, Topics = Topics.Consented };
        return new(history with { Log = Sorted([.. history.Log, before]) }, "G3", send.Wamid!);
    }

    /// <summary>The last accepted send of a pair, marketing of a key that was used once, while nothing is under way that may lift anything.</summary>
    private static Send? LastOfPair(History history) => OnlyOnce(history, Topics.Marketing).LastOrDefault(send =>
        !history.Acts.Any(act => IsOf(send, act) && act.Began <= send.Ended && (act.IsOpen || act.Ended >= send.Began - 2))
        && !history.Sends.Any(other => IsOf(send, other) && other != send && other.Wamid is not null && other.Ended >= send.Began)
        && history.Log.Last(line => line.Kind == LineKind.Accepted && (line.Business, line.User) == (send.Business, send.User)).Message == send.Wamid);

    private static bool IsOf(Send send, Call call) => (call.Business, call.User) == (send.Business, send.User);

    /// <summary>The last counted marketing of a user, where a further one breaks no other rule.</summary>
    private static LogLine? LastCounted(History history) => history.Log.LastOrDefault(line =>
        line is { Kind: LineKind.Accepted, Topics: Topics.Marketing, InWindow: false }
        && !history.Log.Any(other => other.User == line.User && other.Topics == Topics.Marketing && other.Seq > line.Seq));

    /// <summary>Accepted, and nothing else was told of it.</summary>
    private static LogLine? Alone(History history) => history.Log.LastOrDefault(line =>
        line.Kind == LineKind.Accepted
        && history.Sends.Any(send => send.Wamid == line.Message)
        && history.Log.Count(other => other.Message == line.Message) == 1);

    /// <summary>Accepted utility that no answer named.</summary>
    private static LogLine? Unanswered(History history) => history.Log.LastOrDefault(line =>
        line is { Kind: LineKind.Accepted, Topics: Topics.Utility } && !history.Sends.Any(send => send.Wamid == line.Message));

    private static LogLine Utility(History history) =>
        history.Log.Last(line => line is { Kind: LineKind.Accepted, Topics: Topics.Utility } && history.Sends.Any(send => send.Wamid == line.Message));

    /// <summary>Accepted utility of a pair all of whose sends of utility have an outcome.</summary>
    private static LogLine? Closed(History history) => history.Log.LastOrDefault(line => line is { Kind: LineKind.Accepted, Topics: Topics.Utility }
        && !history.Sends.Any(send =>
            send is { IsOpen: true, Wamid: null, Category: Topics.Utility } && (send.Business, send.User) == (line.Business, line.User)));

    /// <summary>Accepted utility for which the user's consent alone is enough, and who never wrote.</summary>
    private static LogLine? Windowless(History history) => history.Log.LastOrDefault(line =>
        line is { Kind: LineKind.Accepted, Topics: Topics.Utility, InWindow: false }
        && !history.Log.Any(other => (other.Business, other.User, other.Kind) == (line.Business, line.User, LineKind.Inbound)
            && other.Seq < line.Seq && other.At > line.At - history.Rules.Window));

    private static LogLine? Line(History history, LineKind kind) => history.Log.LastOrDefault(line =>
        line.Kind == kind && history.Log.Last(other => other.Message == line.Message) == line);

    private static Send Once(History history) => OnlyOnce(history, Topics.Utility)[^1];

    /// <summary>Accepted, with a key that was used once.</summary>
    private static IReadOnlyList<Send> OnlyOnce(History history, Topics category)
    {
        var uses = history.Sends.CountBy(send => send.Key).ToDictionary();
        return [.. history.Sends.Where(send => send.Wamid is not null && send.Category == category && uses[send.Key] == 1)];
    }

    /// <summary>A send whose key had been used, for utility.</summary>
    private static Send? Repeat(History history, int body) => history.Sends.LastOrDefault(send => send.Category == Topics.Utility && send.Body == body
        && history.Sends.First(other => other.Key == send.Key) != send);

    private static string Original(History history, Send again) => history.Sends.First(send => send.Key == again.Key).Wamid!;

    private static LogLine LineOf(History history, Send send) =>
        history.Log.First(line => line.Kind == LineKind.Accepted && line.Message == send.Wamid);

    private static long KeyOf(History history, LogLine line) => history.Sends.First(send => send.Wamid == line.Message).Key;

    private static Dictionary<string, long> Plus(History history, long key) => new(history.Keys) { [New] = key };

    private static Planted Edit(History history, Send send, Func<Copy, Copy> edit, string guarantee) =>
        new(Replace(history, send, edit(Copy.Of(send))), guarantee, send.Wamid!);

    /// <summary>With a send that asked for a line.</summary>
    private static History Asked(History history, LogLine line)
    {
        var first = history.Sends.First(send => send.Business == line.Business && send.User == line.User);
        var copy = Copy.Of(first) with { Key = -1, Category = line.Topics, Outcome = Outcome.Done, Wamid = line.Message };
        return With(history, line) with { Sends = [.. history.Sends, (copy with { Began = long.MinValue, Ended = long.MaxValue }).Send()] };
    }

    /// <summary>With a line right behind where it says that it stands.</summary>
    private static History With(History history, LogLine line) => history with { Log = Sorted([.. history.Log, line with { Seq = line.Seq + 1 }]) };

    private static History Without(History history, LogLine line) => history with { Log = [.. history.Log.Where(other => other != line)] };

    private static History Replace(History history, LogLine line, LogLine by) =>
        history with { Log = [.. history.Log.Select(other => other == line ? by : other)] };

    private static History Replace(History history, Send send, Copy by) =>
        history with { Sends = [.. history.Sends.Select(other => other == send ? by.Send() : other)] };

    private static LogLine[] Sorted(LogLine[] lines) => [.. lines.OrderBy(line => line.Seq)];

    /// <summary>A send as a value.</summary>
    private sealed record Copy(
        long Business, long User, Topics Category, long Key, int Body, long Began, long Ended, Outcome Outcome, bool IsOpen, string? Wamid)
    {
        public static Copy Of(Send send) =>
            new(send.Business, send.User, send.Category, send.Key, send.Body, send.Began, send.Ended, send.Outcome, send.IsOpen, send.Wamid);

        public Send Send() => new()
        {
            Business = Business,
            User = User,
            Category = Category,
            Key = Key,
            Body = Body,
            Began = Began,
            Ended = Ended,
            Outcome = Outcome,
            IsOpen = IsOpen,
            Wamid = Wamid,
        };
    }
}
