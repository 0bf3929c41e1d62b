"""Xiuhua (绣花): packs say what the city wants done, rooms store what happens, engines work out what it means."""
