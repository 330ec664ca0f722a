using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Users;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Actors.Grains;

/// <summary>What is stored of a number's codes. Its form is part of <see cref="GrainStateSerializer"/>'s version.</summary>
internal sealed record EnrolmentState : OutboxState
{
    /// <summary>See <see cref="Enrolment.Serial"/>.</summary>
    public long Serial { get; init; }

    /// <summary>See <see cref="Enrolment.Proof"/>: in hexadecimal digits; empty for none.</summary>
    public string Proof { get; init; } = "";

    /// <summary>See <see cref="Enrolment.Tries"/>.</summary>
    public int Tries { get; init; }

    /// <summary>See <see cref="Enrolment.Asked"/>.</summary>
    public ImmutableArray<Instant> Asked { get; init; } = [];
}

/// <summary>The one-time codes of one number. Tells the ledger nothing: a code is no fact about a user.</summary>
[GrainType("enrolment")]
internal sealed class EnrolmentGrain : Grain, IEnrolmentGrain
{
    private readonly UserLedger _ledger;
    private readonly Outbox<EnrolmentState> _outbox;

    public EnrolmentGrain([FromKeyedServices(GrainsHosting.Storage)] IGrainStorage storage, UserLedger ledger) =>
        (_ledger, _outbox) = (ledger, new Outbox<EnrolmentState>("enrolment", this.GetGrainId(), storage, ledger));

    public async Task<EnrolmentBegun> BeginAsync(long serial, ImmutableArray<byte> proof)
    {
        var now = Now();
        var state = await _outbox.ReadAsync();
        var (next, retryAt) = Of(state).Begin(serial, proof, now);
        if (next is not null)
        {
            await WriteAsync(state, next);
        }

        return new EnrolmentBegun(now + Enrolment.Life, retryAt);
    }

    public async Task<EnrolmentTried> TryAsync(long serial, ImmutableArray<byte> proof)
    {
        var now = Now();
        var state = await _outbox.ReadAsync();
        var (outcome, next) = Of(state).Try(serial, proof.AsSpan(), now);
        if (next is null)
        {
            return new EnrolmentTried(outcome, 0);
        }

        // First durable, then told: however often a node dies in between, nobody gets more tries than there are.
        await WriteAsync(state, next);
        return new EnrolmentTried(outcome, Enrolment.TriesMax - next.Tries);
    }

    private static Enrolment Of(EnrolmentState state) => new()
    {
        Serial = state.Serial,
        Proof = [.. Convert.FromHexString(state.Proof)],
        Tries = state.Tries,
        Asked = state.Asked,
    };

    private Task WriteAsync(EnrolmentState state, Enrolment next) => _outbox.WriteAsync(state with
    {
        Serial = next.Serial,
        Proof = Convert.ToHexString(next.Proof.AsSpan()),
        Tries = next.Tries,
        Asked = next.Asked,
    });

    private Instant Now() => _ledger.Clock.IsTrusted ? _ledger.Clock.Now : throw Outages.Unavailable();
}
