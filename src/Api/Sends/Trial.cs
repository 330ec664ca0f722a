using Actors.Api.Graph.Messages;
using Actors.Api.Leases;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Sends;
using Actors.Policy.Templates;

namespace Actors.Api.Sends;

/// <summary>
/// One send as the shadow policy sees it: by the facts of the real decision, but where the business or its template would stand otherwise, or another
/// throughput would let through.
/// </summary>
/// <param name="shadow">The shadow.</param>
/// <param name="number">Id of the number it is sent from.</param>
/// <param name="send">The send.</param>
internal sealed class Trial(ShadowPolicy shadow, long number, ParsedSend send)
{
    private RateTrial? _rate;
    private AdmissionFacts? _real;

    /// <summary>The shadow.</summary>
    public ShadowPolicy Shadow => shadow;

    /// <summary>Whom it is sent to.</summary>
    public long User => send.User;

    /// <summary>The lease that the send was admitted under; null while it was under none.</summary>
    public HeldLease? Lease { get; private set; }

    /// <summary>Where the business would stand; null where that isn't known.</summary>
    public TriedBusiness? Business { get; private set; }

    /// <summary>Why the business's half would refuse; null where it would pass, or that isn't known.</summary>
    public Reason? Reason { get; private set; }

    /// <summary>Whether that hangs on a template that wasn't looked up: beyond its messages per second, the real decision has no need to.</summary>
    public bool WantsTemplate { get; private set; }

    /// <summary>What to ask the user's half; null where nothing hangs on it.</summary>
    public ShadowAsk? Ask => Business is { } tried && !WantsTemplate && Reason is null
        ? new ShadowAsk(shadow.Id, tried.Restriction == Restriction.WindowOnly ? tried.RestrictedUntil : null)
        : null;

    /// <summary>Whether a lease says where the business would stand.</summary>
    public bool Knows(HeldLease lease) => lease.Business.Tried?.Shadow == shadow.Id;

    /// <summary>Another throughput to try with the real one; null where it isn't known which.</summary>
    public RateTrial? Rate(HeldLease lease) => _rate = Knows(lease) && lease.Business.Tried is { } tried
        ? new RateTrial(Throughput.PerSecond(tried.Limit, tried.Quality, shadow.Numbers.Throughput))
        : null;

    /// <summary>Takes what the business's half was really decided by, and decides by the same.</summary>
    public void See(HeldLease lease, AdmissionFacts facts, TemplateView? template)
    {
        (Lease, _real) = (lease, facts);
        Business = _rate is not null && Knows(lease) ? lease.Business.Tried : null;
        WantsTemplate = facts is { IsTemplate: true, ThroughputFreeAt: not null, Restriction: <= Restriction.Warning }
            && (_rate?.IsPassed == true || Business?.Restriction > Restriction.Warning);
        Decide(template);
    }

    /// <summary>Looks the template up where it is wanted, and decides by it.</summary>
    public async ValueTask LookUpAsync()
    {
        if (WantsTemplate && send.Template is { } use && Lease is not null)
        {
            var template = await Lease.TemplateAsync(use.Name, use.Language);
            WantsTemplate = false;
            Decide(template);
        }
    }

    /// <summary>The send for a look at the user's half, where the real decision had no need to ask it.</summary>
    public async ValueTask<SendRequest> RequestAsync()
    {
        var lease = Lease ?? throw new InvalidOperationException("nothing was seen yet");
        var template = send.Template is { } use ? await lease.TemplateAsync(use.Name, use.Language) : null;
        var command = Sender.Command(lease.Business, number, send, template, template?.Content.Category ?? Category.Service, key: null);
        return new SendRequest(command, lease.Epoch, lease.Policy, Ask);
    }

    /// <summary>Why the parameters don't fit a template that can be sent; null when they do.</summary>
    public static TemplateMismatch? Mismatch(TemplateView? template, TemplateStatus? status, ParsedSend send) =>
        template is not null && status == TemplateStatus.Approved ? TemplateFit.Check(template.Content, send.Template!.Components) : null;

    private void Decide(TemplateView? template)
    {
        if (Business is not { } tried || _real is not { } real)
        {
            Reason = null;
            return;
        }

        var status = template?.Tried is { } standing && standing.SetAt == shadow.SetAt ? standing.Status : template?.Status;
        Reason = BusinessGate.Decide(real with
        {
            Locked = tried.IsLocked,
            Restriction = tried.Restriction,
            RestrictedUntil = tried.RestrictedUntil,
            Now = real.RestrictedUntil is null ? Lease!.Now : real.Now,
            Category = template?.Content.Category ?? Category.Service,
            ThroughputFreeAt = _rate!.IsPassed ? null : real.ThroughputFreeAt ?? Lease!.Now,
            TemplateStatus = status,
            TemplateMismatch = status == real.TemplateStatus ? real.TemplateMismatch : Mismatch(template, status, send),
        });
    }
}
