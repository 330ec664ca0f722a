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
    /// <summary>Of the one code that an older build knew of, and isn't written any more: the newest of <see cref="Asked"/>.</summary>
    public long Serial { get; init; }

    /// <summary>The same.</summary>
    public string Proof { get; init; } = "";

    /// <summary>The same.</summary>
    public int Tries { get; init; }

    /// <summary>See <see cref="Enrolment.Codes"/>.</summary>
    public ImmutableArray<EnrolmentCodeState> Codes { get; init; } = [];

    /// <summary>See <see cref="Enrolment.Asked"/>.</summary>
    public ImmutableArray<Instant> Asked { get; init; } = [];
}

/// <summary>What is stored of a code.</summary>
/// <param name="Serial">See <see cref="EnrolmentCode.Serial"/>.</param>
/// <param name="Proof">See <see cref="EnrolmentCode.Proof"/>: in hexadecimal digits.</param>
/// <param name="Tries">See <see cref="EnrolmentCode.Tries"/>.</param>
/// <param name="AskedAt">See <see cref="EnrolmentCode.AskedAt"/>.</param>
internal sealed record EnrolmentCodeState(long Serial, string Proof, int Tries, Instant AskedAt);

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
        var (outcome, left, next) = Of(state).Try(serial, proof.AsSpan(), now);
        if (next is null)
        {
            return new EnrolmentTried(outcome, left);
        }

        // First durable, then told: however often a node dies in between, nobody gets more tries than there are.
        await WriteAsync(state, next);
        return new EnrolmentTried(outcome, left);
    }

    internal static Enrolment Of(EnrolmentState state) => new()
    {
        Codes = state is { Codes.IsEmpty: true, Proof.Length: > 0, Asked: [.., var last] }
            ? [new EnrolmentCode(state.Serial, [.. Convert.FromHexString(state.Proof)], state.Tries, last)]
            : [.. state.Codes.Select(code => new EnrolmentCode(code.Serial, [.. Convert.FromHexString(code.Proof)], code.Tries, code.AskedAt))],
        Asked = state.Asked,
    };

    private Task WriteAsync(EnrolmentState state, Enrolment next) => _outbox.WriteAsync(state with
    {
        Serial = 0,
        Proof = "",
        Tries = 0,
        Codes = [.. next.Codes.Select(code => new EnrolmentCodeState(code.Serial, Convert.ToHexString(code.Proof.AsSpan()), code.Tries, code.AskedAt))],
        Asked = next.Asked,
    });

    private Instant Now() => _ledger.Clock.IsTrusted ? _ledger.Clock.Now : throw Outages.Unavailable();
}
