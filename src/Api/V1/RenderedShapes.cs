using System.Collections.Immutable;
using System.Text.Json;
using Actors.Contracts;
using Actors.Policy.Templates;
using Actors.Policy.Users;

namespace Actors.Api.V1;

/// <summary>A template as its user sees it: the send's parameters filled in.</summary>
/// <param name="Header">The header; missing where there is none.</param>
/// <param name="Body">The body's text.</param>
/// <param name="Footer">The footer; missing where there is none.</param>
/// <param name="Buttons">The buttons, in order.</param>
internal sealed record RenderedShape(RenderedHeaderShape? Header, string Body, string? Footer, IReadOnlyList<RenderedButtonShape> Buttons)
{
    public static RenderedShape From(RenderedTemplate template) => new(
        template.Header is { } header ? new(Words.Of(header.Format), header.Text, header.Link) : null,
        template.Body,
        template.Footer,
        [.. template.Buttons.Select(button => new RenderedButtonShape(Words.Of(button.Type), button.Text, button.Value))]);
}

/// <summary>A header.</summary>
/// <param name="Format">text, image, video, document or location.</param>
/// <param name="Text">Its text.</param>
/// <param name="Link">Where its picture, video or document is.</param>
internal sealed record RenderedHeaderShape(string Format, string? Text, string? Link);

/// <summary>A button.</summary>
/// <param name="Type">quick_reply, url, phone_number, copy_code or otp.</param>
/// <param name="Text">Its label.</param>
/// <param name="Value">The address that it opens, the number that it calls, the code that it copies; missing for a quick reply.</param>
internal sealed record RenderedButtonShape(string Type, string Text, string? Value);

/// <summary>Renders the templates of a page of messages as they were when they were sent.</summary>
internal static class RenderedTemplates
{
    private const int LookupsAtOnce = 32;

    /// <summary>By number of the message; what is no template, or one of which nothing is kept, is missing.</summary>
    public static async Task<IReadOnlyDictionary<long, RenderedShape>> FindAsync(IGrainFactory grains, ImmutableArray<StoredMessage> messages)
    {
        var sent = messages.Select(message => (Message: message, Use: StoredTemplate.Of(message))).Where(send => send.Use is not null).ToArray();
        var versions = new Dictionary<(long, string), ImmutableArray<TemplateVersion>>();
        foreach (var some in sent.Select(send => (send.Message.Business, send.Use!.Name)).Distinct().Chunk(LookupsAtOnce))
        {
            var found = await Task.WhenAll(some.Select(key => grains.GetGrain<ITemplateGrain>(key.Business, key.Name, null).VersionsAsync()));
            for (var i = 0; i < some.Length; i++)
            {
                versions.Add(some[i], found[i]);
            }
        }

        var rendered = new Dictionary<long, RenderedShape>(sent.Length);
        foreach (var (message, use) in sent)
        {
            if (TemplateVersion.At(versions[(message.Business, use!.Name)], message.Template, message.At) is { } content)
            {
                rendered.Add(message.Number, RenderedShape.From(TemplateRendering.Render(content, use.Components)));
            }
        }

        return rendered;
    }
}

/// <summary>The template of a stored send: its name and its parameters.</summary>
/// <param name="Name">The template's name.</param>
/// <param name="Components">The parameters.</param>
internal sealed record StoredTemplate(string Name, ImmutableArray<SentComponent> Components)
{
    /// <summary>The template of a message; null where it is none, or no longer kept.</summary>
    public static StoredTemplate? Of(StoredMessage message) => message.Template == 0 ? null : Read(message.Content.Span);

    /// <summary>Reads a message's content as the parser of sends stored it; null where it is no template, or no longer kept.</summary>
    public static StoredTemplate? Read(ReadOnlySpan<byte> content)
    {
        if (content.IsEmpty || !JsonElement.Parse(content).TryGetProperty("template", out var template))
        {
            return null;
        }

        ImmutableArray<SentComponent> components = template.TryGetProperty("components", out var all)
            ? [.. all.EnumerateArray().Select(Component)] : [];
        return template.GetProperty("name").GetString() is { } name ? new(name, components) : null;
    }

    private static SentComponent Component(JsonElement component) => new(
        Text(component, "type") ?? "",
        Text(component, "sub_type"),
        component.TryGetProperty("index", out var index) ? index.GetInt32() : 0,
        component.TryGetProperty("parameters", out var parameters) ? [.. parameters.EnumerateArray().Select(Parameter)] : []);

    private static SentParameter Parameter(JsonElement parameter)
    {
        var type = Text(parameter, "type") ?? "";
        return new(type, Text(parameter, "parameter_name"), type switch
        {
            "text" or "payload" or "coupon_code" => Text(parameter, type),
            "image" or "video" or "document" => Inner(parameter, type, "link"),
            "currency" or "date_time" => Inner(parameter, type, "fallback_value"),
            _ => null,
        });
    }

    private static string? Inner(JsonElement parameter, string name, string member) =>
        parameter.TryGetProperty(name, out var value) ? Text(value, member) : null;

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString() : null;
}
