using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Sends;

namespace Actors.Grains.Tests.Nodes;

/// <summary>Sends as a node does: admits by the lease it holds, and asks for another one only when the ledger says that it is old.</summary>
internal sealed class LeasedSender(TestNode node, long business)
{
    private BusinessLease? _lease;

    public async Task<SendReply> SendAsync(long user, Category category)
    {
        while (true)
        {
            var lease = _lease ??= await node.Business(business).LeaseAsync(null) ?? throw new InvalidOperationException("no such business");
            var view = lease.Business;
            var facts = new AdmissionFacts
            {
                Locked = view.Status == BusinessStatus.Locked,
                Restriction = view.Restriction,
                RestrictedUntil = view.RestrictedUntil,
                Now = lease.Now,
                Category = category,
            };
            if (BusinessGate.Decide(facts) is { } reason)
            {
                _lease = null;   // as a node looks again where a refusal rests on its lease
                return new SendReply { Outcome = SendOutcome.Refused, Reason = reason };
            }

            var request = Given.Send(business, category, epoch: lease.Epoch);
            request = request with
            {
                Command = request.Command with { WindowOnlyUntil = view.Restriction == Restriction.WindowOnly ? view.RestrictedUntil : null },
            };
            var reply = await node.User(user).SendAsync(request);
            if (reply.Outcome != SendOutcome.Stale)
            {
                return reply;
            }

            _lease = null;
        }
    }
}
