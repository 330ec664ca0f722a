using System.Text;
using System.Text.Json;

namespace Actors.Api.Graph.Messages;

/// <summary>Interactive messages: buttons, lists, a link.</summary>
internal sealed partial class SendParser
{
    private void Interactive(JsonElement body)
    {
        if (!Object(body, ""u8, "interactive"u8, required: true, out var interactive))
        {
            return;
        }

        var type = Required(interactive, "interactive"u8, "type"u8, 64);
        _to.WriteStartObject("interactive"u8);
        _to.WriteString("type"u8, type);
        Header(interactive, textOnly: type == "list");
        WriteTextObject(interactive, "interactive.body"u8, "body"u8, type == "list" ? 4_096 : 1_024, required: true);
        WriteTextObject(interactive, "interactive.footer"u8, "footer"u8, 60, required: false);
        if (Object(interactive, "interactive"u8, "action"u8, required: true, out var action))
        {
            _to.WriteStartObject("action"u8);
            switch (type)
            {
                case "button":
                    ReplyButtons(action);
                    break;
                case "list":
                    ReplyList(action);
                    break;
                case "cta_url":
                    LinkButton(action);
                    break;
                case null:
                    break;
                default:
                    Fail(new(131051, 400, "Unsupported message type", "interactive.type: it is none of button, list, cta_url"));
                    break;
            }

            _to.WriteEndObject();
        }

        _to.WriteEndObject();
    }

    private void Header(JsonElement interactive, bool textOnly)
    {
        if (!Object(interactive, "interactive"u8, "header"u8, required: false, out var header))
        {
            return;
        }

        var type = Required(header, "interactive.header"u8, "type"u8, 64);
        _to.WriteStartObject("header"u8);
        _to.WriteString("type"u8, type);
        switch (type)
        {
            case "text":
                WriteRequired(header, "interactive.header"u8, "text"u8, 60);
                break;
            case "image" or "video" or "document" when !textOnly:
                var name = Encoding.UTF8.GetBytes(type);
                if (Object(header, "interactive.header"u8, name, required: true, out var media))
                {
                    MediaObject(media, Encoding.UTF8.GetBytes("interactive.header." + type), name, type);
                }

                break;
            case null:
                break;
            default:
                Fail(GraphError.Value("interactive.header.type", textOnly ? "it must be text" : "it must be text, image, video or document"));
                break;
        }

        _to.WriteEndObject();
    }

    private void ReplyButtons(JsonElement action)
    {
        if (!List(action, "interactive.action"u8, "buttons"u8, 1, 3, out var buttons))
        {
            return;
        }

        _to.WriteStartArray("buttons"u8);
        var (ids, titles) = (new HashSet<string>(), new HashSet<string>());
        var index = 0;
        foreach (var button in buttons.EnumerateArray())
        {
            var path = $"interactive.action.buttons[{index++}]";
            if (!Entry(button, path))
            {
                break;
            }

            if (Has(button, "type"u8, out var type) && !(type.ValueKind == JsonValueKind.String && type.ValueEquals("reply"u8)))
            {
                Fail(GraphError.Value(path + ".type", "it must be \"reply\""));
            }

            if (Object(button, Encoding.UTF8.GetBytes(path), "reply"u8, required: true, out var reply))
            {
                var replyPath = Encoding.UTF8.GetBytes(path + ".reply");
                _to.WriteStartObject();
                _to.WriteString("type"u8, "reply"u8);
                _to.WriteStartObject("reply"u8);
                Once(ids, WriteRequired(reply, replyPath, "id"u8, 256), path + ".reply.id");
                Once(titles, WriteRequired(reply, replyPath, "title"u8, 20), path + ".reply.title");
                _to.WriteEndObject();
                _to.WriteEndObject();
            }
        }

        _to.WriteEndArray();
    }

    private void ReplyList(JsonElement action)
    {
        WriteRequired(action, "interactive.action"u8, "button"u8, 20);
        if (!List(action, "interactive.action"u8, "sections"u8, 1, 10, out var sections))
        {
            return;
        }

        _to.WriteStartArray("sections"u8);
        var ids = new HashSet<string>();
        var (index, rows) = (0, 0);
        foreach (var section in sections.EnumerateArray())
        {
            var path = $"interactive.action.sections[{index++}]";
            if (!Entry(section, path))
            {
                break;
            }

            _to.WriteStartObject();
            var utf8 = Encoding.UTF8.GetBytes(path);
            if (sections.GetArrayLength() > 1)
            {
                WriteRequired(section, utf8, "title"u8, 24);   // several sections must be told apart
            }
            else
            {
                WriteOptional(section, utf8, "title"u8, 24);
            }

            rows += Rows(section, path, ids);
            _to.WriteEndObject();
        }

        if (rows > 10)
        {
            Fail(GraphError.Value("interactive.action.sections", $"they have {rows} rows together; at most 10 are allowed"));
        }

        _to.WriteEndArray();
    }

    private int Rows(JsonElement section, string sectionPath, HashSet<string> ids)
    {
        if (!List(section, Encoding.UTF8.GetBytes(sectionPath), "rows"u8, 1, 10, out var rows))
        {
            return 0;
        }

        _to.WriteStartArray("rows"u8);
        var index = 0;
        foreach (var row in rows.EnumerateArray())
        {
            var path = $"{sectionPath}.rows[{index++}]";
            if (!Entry(row, path))
            {
                break;
            }

            var utf8 = Encoding.UTF8.GetBytes(path);
            _to.WriteStartObject();
            Once(ids, WriteRequired(row, utf8, "id"u8, 200), path + ".id");
            WriteRequired(row, utf8, "title"u8, 24);
            WriteOptional(row, utf8, "description"u8, 72);
            _to.WriteEndObject();
        }

        _to.WriteEndArray();
        return rows.GetArrayLength();
    }

    private void LinkButton(JsonElement action)
    {
        if (Optional(action, "interactive.action"u8, "name"u8, 64) != "cta_url")
        {
            Fail(GraphError.Value("interactive.action.name", "it must be \"cta_url\""));
        }

        if (Object(action, "interactive.action"u8, "parameters"u8, required: true, out var parameters))
        {
            _to.WriteString("name"u8, "cta_url"u8);
            _to.WriteStartObject("parameters"u8);
            WriteRequired(parameters, "interactive.action.parameters"u8, "display_text"u8, 20);
            WriteLink(parameters, "interactive.action.parameters"u8, "url"u8);
            _to.WriteEndObject();
        }
    }

    private void Once(HashSet<string> seen, string? value, string path)
    {
        if (value is not null && !seen.Add(value))
        {
            Fail(GraphError.Value(path, "it is used twice"));
        }
    }
}
