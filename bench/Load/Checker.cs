using System.Collections;
using System.Globalization;

namespace Actors.Bench.Load;

/// <summary>How an answer counts.</summary>
internal enum Verdict
{
    /// <summary>A send that was accepted, as it had to be.</summary>
    Accepted,

    /// <summary>Right, but no new message: refused as it had to be, a replayed key, an opt-in.</summary>
    Other,

    /// <summary>A deliberate 503 with <c>Retry-After</c>.</summary>
    Overloaded,

    /// <summary>Wrong.</summary>
    Violation,
}

/// <summary>
/// Checks every answer against what the user's history allows. Where requests to the same user were on their way together, it takes whatever some order
/// of them explains, and nothing else. Holds for one target over all its rounds.
/// </summary>
internal sealed class Checker(Population population)
{
    private const int PerUser = 2;
    private const int PerBusiness = 1;
    private const int Shown = 10;

    private readonly Places _users = new(population.Capacity);
    private readonly Places _pairs = new(population.Capacity * population.Businesses);
    private readonly Dictionary<ulong, ulong> _twins = [];
    private readonly IdSet _wamids = new();
    private readonly List<string> _examples = [];
    private readonly BitArray _opened = new(population.Capacity * population.Businesses);

    /// <summary>Set for the floor, which decides nothing: every send is accepted.</summary>
    public bool AcceptsAll { get; init; }

    public long Violations { get; private set; }

    /// <summary>Accepted sends that opened a conversation: outside a window, the first of their business to their user.</summary>
    public long Openings { get; private set; }

    /// <summary>The first violations, in words.</summary>
    public IReadOnlyList<string> Examples => _examples;

    public void Sent(in Ticket ticket)
    {
        if (IsCounted(ticket))
        {
            _users.Open[ticket.User]++;
            _pairs.Open[Pair(ticket)]++;
        }
    }

    /// <summary>No answer came: it may have been accepted.</summary>
    public void Lost(in Ticket ticket)
    {
        if (IsCounted(ticket))
        {
            Close(ticket);
            _users.Unknown[ticket.User]++;
            _pairs.Unknown[Pair(ticket)]++;
        }
    }

    public Verdict Answered(in Ticket ticket, in Answer answer)
    {
        if (answer.Status == 503)
        {
            Lost(ticket);
            return answer.RetryAfter >= 0 ? Verdict.Overloaded : Violation(ticket, answer, "a 503 without Retry-After");
        }

        if (ticket.Kind is Kind.Delivered or Kind.Read)
        {
            return answer.Status == 200 ? Verdict.Other : Violation(ticket, answer, "a device's report that is refused");
        }

        if (ticket.Kind == Kind.OptIn)
        {
            return answer.Status is 200 or 201 ? Verdict.Other : Violation(ticket, answer, "an opt-in that is refused");
        }

        var wrong = answer.Status == 200 ? Accept(ticket, answer) : Refuse(ticket, answer);
        if (IsCounted(ticket))
        {
            Close(ticket);
        }

        if (wrong is not null)
        {
            return Violation(ticket, answer, wrong);
        }

        if (answer.Status != 200 || (!AcceptsAll && (ticket.Repeat != Repeat.None || answer.Replayed)))
        {
            return Verdict.Other;
        }

        if (!population[ticket.User, ticket.Business].HasFlag(Allowed.Window) && !_opened[Pair(ticket)])
        {
            _opened[Pair(ticket)] = true;
            Openings++;
        }

        return Verdict.Accepted;
    }

    private string? Accept(in Ticket ticket, in Answer answer)
    {
        if (answer.Wamid == 0)
        {
            return "accepted without a message id";
        }

        if (!answer.RightRecipient)
        {
            return "accepted for somebody else";
        }

        if (AcceptsAll)
        {
            return null;
        }

        switch (ticket.Repeat)
        {
            case Repeat.Conflict:
                return "accepted with a key that was used with another body";
            case Repeat.Replay:
                return answer.Wamid != ticket.Wamid ? "another message for the same key" : null;
        }

        if (Refusal(ticket) is not 0 and var code)
        {
            return $"accepted, where {code} had to be the answer";
        }

        if (ticket.HasTwin && !_twins.TryAdd(ticket.Key, answer.Wamid))
        {
            _twins.Remove(ticket.Key, out var twin);
            return answer.Wamid != twin ? "two messages for one key" : null;
        }

        if (IsCounted(ticket) && (++_users.Taken[ticket.User] > PerUser | ++_pairs.Taken[Pair(ticket)] > PerBusiness))
        {
            return "accepted over the marketing cap";
        }

        return _wamids.Add(answer.Wamid) ? null : "a message id given twice";
    }

    private string? Refuse(in Ticket ticket, in Answer answer)
    {
        if (answer.Status >= 500)
        {
            return "a server error";
        }

        if (ticket.Repeat == Repeat.Conflict)
        {
            return answer.Status == 422 && answer.Code == 100 ? null : "a used key with another body, refused for another reason";
        }

        if (answer.Code == 131049 && IsCounted(ticket))
        {
            return _users.Possible(ticket.User) > PerUser || _pairs.Possible(Pair(ticket)) > PerBusiness ? null : "refused for the cap, which has room";
        }

        var expected = AcceptsAll ? 0 : Refusal(ticket);
        return expected == answer.Code && expected != 0 ? null : $"refused, where {expected} had to be the answer (0: accepted)";
    }

    /// <summary>The code with which what the user allows refuses this send whatever else is on its way; 0 for none.</summary>
    private int Refusal(in Ticket ticket)
    {
        var allowed = population[ticket.User, ticket.Business];
        var window = allowed.HasFlag(Allowed.Window);
        return ticket.Kind switch
        {
            _ when allowed == Allowed.Nothing => 131026,
            Kind.Utility => window || allowed.HasFlag(Allowed.Utility) ? 0 : 131050,
            Kind.Marketing => allowed.HasFlag(Allowed.Marketing) ? 0 : 131050,
            Kind.Service => window ? 0 : 131047,
            _ => throw new InvalidOperationException($"{ticket.Kind} is no send."),
        };
    }

    /// <summary>Whether the send counts against the marketing cap if it is accepted.</summary>
    private bool IsCounted(in Ticket ticket) =>
        ticket.Kind == Kind.Marketing && !AcceptsAll && !population[ticket.User, ticket.Business].HasFlag(Allowed.Window) && Refusal(ticket) == 0;

    private int Pair(in Ticket ticket) => (ticket.User * population.Businesses) + ticket.Business;

    private void Close(in Ticket ticket)
    {
        _users.Open[ticket.User]--;
        _pairs.Open[Pair(ticket)]--;
    }

    private Verdict Violation(in Ticket ticket, in Answer answer, string what)
    {
        Violations++;
        if (_examples.Count < Shown)
        {
            var allowed = population[ticket.User, ticket.Business];
            _examples.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{what}: {ticket.Kind} ({ticket.Repeat}) of business {ticket.Business} to user {ticket.User}, who allows {allowed}; "
                + $"answered {answer.Status}, code {answer.Code}"));
        }

        return Verdict.Violation;
    }

    /// <summary>Places under a cap: taken, perhaps taken, and asked for by requests on their way.</summary>
    private sealed class Places(int count)
    {
        public readonly ushort[] Open = new ushort[count];
        public readonly byte[] Taken = new byte[count];
        public readonly ushort[] Unknown = new ushort[count];

        /// <summary>Most places that may be taken, the asking request's own included.</summary>
        public int Possible(int index) => Open[index] + Taken[index] + Unknown[index];
    }
}
