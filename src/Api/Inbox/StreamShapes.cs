using System.Collections.Immutable;
using Actors.Api.Leases;
using Actors.Api.V1;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Templates;
using Actors.Policy.Users;

namespace Actors.Api.Inbox;

/// <summary>What all streams share.</summary>
internal sealed record StreamParts(InboxFeed Feed, InboxReads Reads, UserGrains Users, StreamShapes Shapes);

/// <summary>Puts messages into the shape in which devices get them. Who sent them and what templates say is remembered: no grain call for each one.</summary>
internal sealed class StreamShapes(LeaseCache leases, TemplateTexts templates, Wamids wamids, PolicyBook policy)
{
    public async ValueTask<InboxMessage> MessageAsync(long user, StoredMessage message, ImmutableArray<ConsentEntry> consents)
    {
        var business = (await leases.GetAsync(message.Business))?.Business;
        var rendered = StoredTemplate.Of(message) is { } use
            && TemplateVersion.At(await templates.VersionsAsync(message.Business, use.Name), message.Template, message.At) is { } content
            ? RenderedShape.From(TemplateRendering.Render(content, use.Components)) : null;
        return InboxMessage.Render(user, message, business, rendered, consents, await wamids.GetAsync(), policy.Current);
    }

    public async ValueTask<InboxStatus> StatusAsync(long user, long message, MessageStatus status, Instant at) =>
        new((await wamids.GetAsync()).Encode(user, message), Words.Of(status), at.ToString());
}
