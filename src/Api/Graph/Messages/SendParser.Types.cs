using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Actors.Api.Graph.Messages;

/// <summary>Free-form messages but interactive ones.</summary>
internal sealed partial class SendParser
{
    private const int CaptionMax = 1_024;

    private void Text(JsonElement body)
    {
        if (!Object(body, ""u8, "text"u8, required: true, out var text))
        {
            return;
        }

        _to.WriteStartObject("text"u8);
        WriteRequired(text, "text"u8, "body"u8, 4_096);
        WriteFlag(text, "text"u8, "preview_url"u8);
        _to.WriteEndObject();
    }

    private void Media(JsonElement body, string type)
    {
        var name = Encoding.UTF8.GetBytes(type);
        if (Object(body, ""u8, name, required: true, out var media))
        {
            MediaObject(media, name, name, type);
        }
    }

    /// <summary>Media by link; there is no upload, hence no id.</summary>
    private string? MediaObject(JsonElement media, ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, string type)
    {
        if (Has(media, "id"u8, out _))
        {
            Fail(GraphError.Value(Path(path, "id"u8), "media ids are not supported; give a link"));
        }

        _to.WriteStartObject(name);
        var link = WriteLink(media, path, "link"u8);
        if (type is "image" or "video" or "document")
        {
            WriteOptional(media, path, "caption"u8, CaptionMax);
        }

        if (type == "document")
        {
            WriteOptional(media, path, "filename"u8, 240);
        }

        _to.WriteEndObject();
        return link;
    }

    private void Location(JsonElement body)
    {
        if (Object(body, ""u8, "location"u8, required: true, out var location))
        {
            LocationObject(location, "location"u8);
        }
    }

    private void LocationObject(JsonElement location, ReadOnlySpan<byte> path)
    {
        _to.WriteStartObject("location"u8);
        WriteNumber(location, path, "latitude"u8, -90, 90);
        WriteNumber(location, path, "longitude"u8, -180, 180);
        WriteOptional(location, path, "name"u8, 1_000);
        WriteOptional(location, path, "address"u8, 1_000);
        _to.WriteEndObject();
    }

    private void Reaction(JsonElement body)
    {
        if (!Object(body, ""u8, "reaction"u8, required: true, out var reaction))
        {
            return;
        }

        _to.WriteStartObject("reaction"u8);
        MessageId(reaction, "reaction"u8);
        if (Has(reaction, "emoji"u8, out _))
        {
            var emoji = WriteOptional(reaction, "reaction"u8, "emoji"u8, 64);
            if (emoji is { Length: > 0 } && new StringInfo(emoji).LengthInTextElements != 1)
            {
                Fail(GraphError.Value("reaction.emoji", "it must be one emoji, or empty to take the reaction back"));
            }
        }
        else
        {
            Fail(GraphError.Missing("reaction.emoji"));
        }

        _to.WriteEndObject();
    }

    private void Contacts(JsonElement body)
    {
        if (!List(body, ""u8, "contacts"u8, 1, 257, out var contacts))
        {
            return;
        }

        _to.WriteStartArray("contacts"u8);
        var index = 0;
        foreach (var contact in contacts.EnumerateArray())
        {
            var path = $"contacts[{index++}]";
            if (!Entry(contact, path))
            {
                break;
            }

            _to.WriteStartObject();
            ContactName(contact, Encoding.UTF8.GetBytes(path));
            foreach (var part in ContactParts)
            {
                ContactPart(contact, path, part);
            }

            WriteOptional(contact, Encoding.UTF8.GetBytes(path), "birthday"u8, 10);
            _to.WriteEndObject();
        }

        _to.WriteEndArray();
    }

    private void ContactName(JsonElement contact, ReadOnlySpan<byte> path)
    {
        if (!Object(contact, path, "name"u8, required: true, out var name))
        {
            return;
        }

        var namePath = Encoding.UTF8.GetBytes(Path(path, "name"u8));
        _to.WriteStartObject("name"u8);
        WriteRequired(name, namePath, "formatted_name"u8, ContactTextMax);
        WriteTexts(name, namePath, NameTexts);
        _to.WriteEndObject();
    }

    private void ContactPart(JsonElement contact, string path, (byte[] Name, bool IsList, byte[][] Texts) part)
    {
        var contactPath = Encoding.UTF8.GetBytes(path);
        if (!part.IsList)
        {
            if (Object(contact, contactPath, part.Name, required: false, out var value))
            {
                _to.WriteStartObject(part.Name);
                WriteTexts(value, Encoding.UTF8.GetBytes(Path(contactPath, part.Name)), part.Texts);
                _to.WriteEndObject();
            }

            return;
        }

        if (!List(contact, contactPath, part.Name, 0, 50, out var list))
        {
            return;
        }

        _to.WriteStartArray(part.Name);
        var index = 0;
        foreach (var entry in list.EnumerateArray())
        {
            var entryPath = $"{Path(contactPath, part.Name)}[{index++}]";
            if (Entry(entry, entryPath))
            {
                _to.WriteStartObject();
                WriteTexts(entry, Encoding.UTF8.GetBytes(entryPath), part.Texts);
                _to.WriteEndObject();
            }
        }

        _to.WriteEndArray();
    }

    private void WriteTexts(JsonElement from, ReadOnlySpan<byte> path, byte[][] names)
    {
        foreach (var name in names)
        {
            WriteOptional(from, path, name, ContactTextMax);
        }
    }

    private const int ContactTextMax = 1_000;
    private static readonly byte[][] NameTexts = Names("first_name", "last_name", "middle_name", "suffix", "prefix");
    private static readonly (byte[] Name, bool IsList, byte[][] Texts)[] ContactParts =
    [
        (Name("org"), false, Names("company", "department", "title")),
        (Name("phones"), true, Names("phone", "type", "wa_id")),
        (Name("emails"), true, Names("email", "type")),
        (Name("urls"), true, Names("url", "type")),
        (Name("addresses"), true, Names("street", "city", "state", "zip", "country", "country_code", "type")),
    ];

    private static byte[] Name(string name) => Encoding.UTF8.GetBytes(name);

    private static byte[][] Names(params string[] names) => [.. names.Select(Name)];
}
