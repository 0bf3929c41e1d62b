"""Loads the catalogue once, when the process starts."""

from django.apps import AppConfig
from django.conf import settings

from xiuhua.catalog.catalogue import install
from xiuhua.catalog.loading import load
from xiuhua.catalog.sentences import ACTIONS, SENTENCES
from xiuhua.http.errors import sentences
from xiuhua.ledger.words import use_action_labels
from xiuhua.people.posts import CORE_POSTS, use_posts


class CatalogConfig(AppConfig):
    name = "xiuhua.catalog"
    label = "catalog"

    def ready(self) -> None:
        """Put the catalogue of this site in force, and give its posts to people."""
        sentences(SENTENCES)
        use_action_labels(ACTIONS)
        catalogue = load(folders=settings.CONFIG.packs, posts={post.id: post for post in CORE_POSTS})
        install(catalogue)
        use_posts(catalogue.posts)
